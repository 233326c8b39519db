import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { totpAt } from '../../../scripts-library/totp-login/totp.ts';
import { type Site, startSite } from '../site.ts';

/*
 * Small applications for the flows of the library, each below a path of its own. Broken, each lacks what its flow is there
 * to see: as a bad release would, or a provider that is down.
 */

export interface LibraryApps extends Site {
  isBroken: boolean;
}

export const account = { user: 'demo', password: 'correct horse', totpSecret: 'JBSWY3DPEHPK3PXP' };
const file = `%PDF-1.7\n${'x'.repeat(5000)}`;

interface Question {
  path: string;
  form: URLSearchParams;
  json: Record<string, string>;
  request: IncomingMessage;
  answer: ServerResponse;
  isBroken: boolean;
}

export async function startLibraryApps(): Promise<LibraryApps> {
  let basket = 0;
  const pages: Record<string, (question: Question) => string | undefined | Promise<string | undefined>> = {
    '/form-login/': () => form('in', ['User', 'Password'], 'Sign in'),
    '/form-login/in': (asked) => (isRight(asked) && !asked.isBroken ? welcome : '<p>Something went wrong</p>'),
    '/oidc-login/': () => '<a href="/provider/authorize">Sign in</a>',
    '/provider/authorize': ({ isBroken, answer }) =>
      isBroken ? status(answer, 503) : form('/provider/login', ['User', 'Password'], 'Continue'),
    '/provider/login': (asked) =>
      redirect(asked.answer, isRight(asked) ? '/oidc-login/back?code=7' : '/provider/authorize'),
    '/oidc-login/back': () => welcome,
    '/totp-login/': () => form('code', ['User', 'Password'], 'Sign in'),
    '/totp-login/code': (asked) => (isRight(asked) ? form('in', ['Code'], 'Verify') : status(asked.answer, 403)),
    '/totp-login/in': async ({ form: said, isBroken }) => {
      const codes = [0, -30_000].map((ago) => totpAt(account.totpSecret, Date.now() + ago));
      return !isBroken && (await Promise.all(codes)).includes(said.get('Code') ?? '') ? welcome : '<p>Wrong code</p>';
    },
    '/basic-auth/': ({ request, answer, isBroken }) => {
      const wanted = `Basic ${Buffer.from(`${account.user}:${account.password}`).toString('base64')}`;
      if (request.headers.authorization === wanted && !isBroken) return welcome;
      answer.setHeader('www-authenticate', 'Basic realm="library"');
      return status(answer, 401);
    },
    '/search-open/': () => '<form action="find"><input type="search" name="q" aria-label="Search"></form>',
    '/search-open/find': ({ isBroken }) => (isBroken ? '<p>No results</p>' : '<a href="sencha">Sencha</a>'),
    '/search-open/sencha': () => '<h1>Sencha</h1>',
    '/file-download/': () => '<a href="report.pdf" download>Download</a>',
    '/file-download/report.pdf': ({ answer, isBroken }) => {
      answer.setHeader('content-type', 'application/pdf').end(isBroken ? '<h1>Error</h1>' : file);
      return undefined;
    },
    '/basket/': () => '<form action="add" method="post"><button>Add to basket</button></form><a href="mine">Basket</a>',
    '/basket/add': ({ answer, isBroken }) => {
      if (!isBroken) basket++;
      return redirect(answer, '/basket/');
    },
    '/basket/mine': () =>
      basket > 0
        ? '<p>Sencha</p><form action="remove" method="post"><button>Remove</button></form>'
        : '<p>It is empty</p>',
    '/basket/remove': ({ answer }) => {
      basket = 0;
      return redirect(answer, '/basket/mine');
    },
    '/api-requests/login': ({ json, answer }) =>
      json.user === account.user && json.password === account.password
        ? sendJson(answer, { token: 'key' })
        : status(answer, 401),
    '/api-requests/items': ({ request, answer, isBroken }) =>
      request.headers.authorization === 'Bearer key'
        ? sendJson(answer, isBroken ? [] : [{ id: 1 }])
        : status(answer, 401),
    '/single-page/': ({ isBroken }) => singlePage(isBroken),
  };
  const site = await startSite(async (request, answer) => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname;
    const body = (await buffer(request)).toString();
    const isJson = request.headers['content-type']?.startsWith('application/json');
    const said = { form: new URLSearchParams(isJson ? '' : body), json: isJson ? JSON.parse(body) : {} };
    const page = await pages[path]?.({ path, ...said, request, answer, isBroken: apps.isBroken });
    if (answer.writableEnded) return;
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    if (!(path in pages)) answer.statusCode = 404;
    answer.end(`<!doctype html><link rel="icon" href="data:,"><title>${path}</title>${page ?? ''}`);
  });
  const apps: LibraryApps = { ...site, isBroken: false };
  return apps;
}

const welcome = '<h1>Welcome, demo</h1>';

function form(action: string, labels: readonly string[], button: string): string {
  const fields = labels.map((name) => `<label>${name} <input name="${name}"></label>`);
  return `<form action="${action}" method="post">${fields.join('')}<button>${button}</button></form>`;
}

function isRight({ form: said }: Question): boolean {
  return said.get('User') === account.user && said.get('Password') === account.password;
}

function redirect(answer: ServerResponse, to: string): undefined {
  answer.writeHead(303, { location: to }).end();
}

function status(answer: ServerResponse, code: number): undefined {
  answer.statusCode = code;
}

function sendJson(answer: ServerResponse, value: unknown): undefined {
  answer.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

/** Its view is shown by a script; broken, the link loads another page. */
function singlePage(isBroken: boolean): string {
  const script =
    "onclick=\"event.preventDefault(); history.pushState(0, '', '#details'); view.textContent = 'All the figures'\"";
  return `<h1>Overview</h1><a href="?again" ${isBroken ? '' : script}>Details</a><p id="view"></p>`;
}
