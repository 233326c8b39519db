import { isAbsolute, relative, resolve } from 'node:path';
import { z } from 'zod';
import type { CdpMessage, Chromium } from './browser.ts';

/*
 * The firewall between a child and the browser. A child sees only the browser contexts it made, and may send only what
 * Playwright's client needs for them. Everything else is answered with an error here and never reaches the browser.
 */

export interface Relay {
  /** A message of the child, as text. False if it is none that Playwright's client could have sent. */
  fromChild(text: string): boolean;
  /** An event of the browser. */
  fromBrowser(message: CdpMessage): void;
  /** The page the child opened last and that is still there. */
  latestPage(): { sessionId: string } | undefined;
  /** Closes all the child's contexts, and forgets the child. */
  close(): Promise<void>;
}

export interface RelaySettings {
  chromium: Chromium;
  /** The only folder that uploads may come from and downloads may go to. */
  scratch: string;
  toChild(text: string): void;
  onAttached(sessionId: string): void;
  onDetached(sessionId: string): void;
  /** An event of an owned session; true when it is not for the child. */
  intercept(message: CdpMessage): boolean;
}

/** What is passed on, and nothing else that a message may hold. */
const Command = z.object({
  id: z.int(),
  method: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
  sessionId: z.string().optional(),
});
type Command = z.infer<typeof Command>;

type Params = Record<string, unknown>;
type Rule = (params: Params, mine: Ownership) => string | undefined;

interface Ownership {
  context(id: unknown): boolean;
  target(id: unknown): boolean;
  insideScratch(path: unknown): boolean;
}

const allow: Rule = () => undefined;
const ofOwnContext: Rule = (p, mine) => (mine.context(p.browserContextId) ? undefined : 'another browser context');
const ofOwnTarget: Rule = (p, mine) => (mine.target(p.targetId) ? undefined : 'another target');
const toSafeAddress: Rule = (p) => unsafeAddress(p.url);
const harmlessPermissions: Rule = (p, mine) => {
  const named = Array.isArray(p.permissions) ? p.permissions : [];
  if (named.some((n) => !['geolocation', 'notifications'].includes(String(n))))
    return 'a permission other than geolocation and notifications';
  return ofOwnContext(p, mine);
};
const downloadsToScratch: Rule = (p, mine) =>
  p.downloadPath === undefined || mine.insideScratch(p.downloadPath)
    ? ofOwnContext(p, mine)
    : 'a download outside the scratch folder';

/** What a child may ask of the browser as a whole. */
const browserRules: Record<string, Rule> = {
  'Browser.getVersion': allow,
  'Browser.grantPermissions': harmlessPermissions,
  'Browser.resetPermissions': ofOwnContext,
  'Browser.setDownloadBehavior': downloadsToScratch,
  'Browser.cancelDownload': ofOwnContext,
  'Storage.clearCookies': ofOwnContext,
  'Storage.getCookies': ofOwnContext,
  'Storage.setCookies': ofOwnContext,
  'Target.closeTarget': ofOwnTarget,
  'Target.createBrowserContext': (p) => (p.proxyServer === undefined ? undefined : 'a proxy of its own'),
  'Target.createTarget': (p, mine) => unsafeAddress(p.url) ?? ofOwnContext(p, mine),
  'Target.disposeBrowserContext': ofOwnContext,
  'Target.getTargetInfo': (p, mine) => (p.targetId === undefined ? undefined : ofOwnTarget(p, mine)),
  'Target.setAutoAttach': allow,
};

/** What it may ask of a page: whole domains, and within them what is looked at or refused. */
const pageDomains = new Set([
  'Accessibility',
  'CSS',
  'DOM',
  'Emulation',
  'Fetch',
  'IO',
  'Input',
  'Inspector',
  'Log',
  'Network',
  'Page',
  'Runtime',
  'Security',
  'ServiceWorker',
]);
const pageRules: Record<string, Rule> = {
  'Browser.getWindowForTarget': allow,
  'Browser.setWindowBounds': allow,
  'DOM.setFileInputFiles': (p, mine) =>
    Array.isArray(p.files) && p.files.every((f) => mine.insideScratch(f))
      ? undefined
      : 'an upload from outside the scratch folder',
  'Network.loadNetworkResource': () => 'loading a resource outside the page',
  'Page.navigate': toSafeAddress,
  'Page.setDownloadBehavior': (p, mine) =>
    p.downloadPath === undefined || mine.insideScratch(p.downloadPath)
      ? undefined
      : 'a download outside the scratch folder',
  'Target.setAutoAttach': allow,
  'Target.detachFromTarget': allow,
};

/** Asked for by Playwright for the browser's own context, which a child doesn't have; yes is said, and nothing done. */
const answeredHere = new Set(['Browser.setDownloadBehavior']);

export function openRelay({ chromium, scratch, toChild, ...on }: RelaySettings): Relay {
  const contexts = new Set<string>();
  const sessions = new Map<string, string>();
  const pages = new Set<string>();
  let closed = false;

  const mine: Ownership = {
    context: (id) => typeof id === 'string' && contexts.has(id),
    target: (id) => typeof id === 'string' && [...sessions.values()].includes(id),
    insideScratch: (path) => typeof path === 'string' && isInside(scratch, path),
  };

  const answer = (message: CdpMessage) => {
    if (!closed) toChild(JSON.stringify(message));
  };

  const refusal = ({ method, params = {}, sessionId }: Command): string | undefined => {
    if (sessionId !== undefined && !sessions.has(sessionId)) return `${method} for another target`;
    const rule = (sessionId === undefined ? browserRules : pageRules)[method];
    if (rule) return rule(params, mine);
    const domain = method.split('.')[0] ?? '';
    return sessionId !== undefined && pageDomains.has(domain) ? undefined : method;
  };

  const attached = (message: CdpMessage): void => {
    const { sessionId, targetInfo } = message.params as {
      sessionId: string;
      targetInfo: { targetId: string; type: string; browserContextId?: string };
    };
    const owned =
      message.sessionId === undefined ? mine.context(targetInfo.browserContextId) : sessions.has(message.sessionId);
    if (!owned) return;
    sessions.set(sessionId, targetInfo.targetId);
    if (targetInfo.type === 'page') pages.add(sessionId);
    if (targetInfo.type === 'page' || targetInfo.type === 'iframe') on.onAttached(sessionId);
    answer(message);
  };

  return {
    fromChild(text) {
      const message = commandIn(text);
      if (!message) return false;
      const { id, method, sessionId } = message;
      const inSession = sessionId === undefined ? {} : { sessionId };
      const why = refusal(message);
      if (why !== undefined) {
        const result =
          answeredHere.has(method) && message.params?.browserContextId === undefined && sessionId === undefined;
        const error = { code: -32_000, message: `denied by the sentinel: ${why}` };
        answer({ id, ...inSession, ...(result ? { result: {} } : { error }) });
        return true;
      }
      chromium.forward(message, (reply) => {
        if (method === 'Target.createBrowserContext' && reply.result) {
          const context = String(reply.result.browserContextId);
          contexts.add(context);
          if (closed) void chromium.call('Target.disposeBrowserContext', { browserContextId: context }).catch(() => {});
        }
        answer({ ...reply, id });
      });
      return true;
    },

    fromBrowser(message) {
      if (message.method === 'Target.attachedToTarget') return attached(message);
      if (message.method === 'Target.detachedFromTarget') {
        const { sessionId } = message.params as { sessionId: string };
        if (!sessions.delete(sessionId)) return;
        pages.delete(sessionId);
        on.onDetached(sessionId);
        return answer(message);
      }
      if (message.sessionId === undefined) {
        const context = message.params?.browserContextId;
        if (mine.context(context) || (message.method?.startsWith('Browser.download') ?? false)) answer(message);
        return;
      }
      if (!sessions.has(message.sessionId)) return;
      if (!on.intercept(message)) answer(message);
    },

    latestPage() {
      const sessionId = [...pages].at(-1);
      return sessionId === undefined ? undefined : { sessionId };
    },

    async close() {
      closed = true;
      const disposals = [...contexts].map((id) =>
        chromium.call('Target.disposeBrowserContext', { browserContextId: id }),
      );
      await Promise.allSettled(disposals);
    },
  };
}

function commandIn(text: string): Command | undefined {
  try {
    return Command.parse(JSON.parse(text));
  } catch {
    return undefined; // not JSON, or not a command: either way its sender is no Playwright
  }
}

/** Why an address may not be opened by a script, if so. Other schemes than these show files or the browser's own pages. */
function unsafeAddress(url: unknown): string | undefined {
  if (typeof url !== 'string') return 'an address that is not text';
  if (url === '' || /^(https?|data|blob):/i.test(url) || /^about:(blank|srcdoc)/i.test(url)) return undefined;
  return `the address ${url.slice(0, 100)}`;
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, resolve(path));
  return isAbsolute(path) && way !== '' && !way.startsWith('..') && !isAbsolute(way);
}
