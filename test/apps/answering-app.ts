import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What else happens on a page while its answer is waited for. */
export type Unrest = 'none' | 'clock' | 'frames';

export interface AnsweringApp {
  url: string;
  /** Takes how long each answer took from its request on, ms, in the order they ended. */
  takeTimes(): number[];
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * An application that answers a click after a delay, either with a new document (`/navigation`) or in the page
 * (`/single-page`), and knows by its own clock how long that took. Both take `delay` (ms) and `unrest`.
 */
export async function startAnsweringApp(): Promise<AnsweringApp> {
  const times: number[] = [];
  const answer = (response: ServerResponse, delay: number, body: string) => {
    const asked = performance.now();
    response.once('finish', () => times.push(performance.now() - asked));
    setTimeout(() => response.end(body), delay);
  };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const delay = Number(searchParams.get('delay'));
    const unrest = (searchParams.get('unrest') ?? 'none') as Unrest;
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (pathname === '/answer') answer(response, delay, document(unrest, '<h1>Done</h1>'));
    else if (pathname === '/data') answer(response, delay, 'Done');
    else if (pathname === '/navigation') response.end(document(unrest, form(delay, unrest)));
    else if (pathname === '/single-page') response.end(document(unrest, form(delay, unrest) + inPage));
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeTimes: () => times.splice(0),
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve).closeAllConnections());
    },
  };
}

const form = (delay: number, unrest: Unrest) => `<form action="/answer">
<input type="hidden" name="delay" value="${delay}"><input type="hidden" name="unrest" value="${unrest}">
<label>User <input name="user"></label><label>Password <input name="password"></label><button>Go</button></form>`;

const inPage = `<script>
document.querySelector('form').onsubmit = async (event) => {
  event.preventDefault();
  const answer = await fetch('/data?' + new URLSearchParams(new FormData(event.target)));
  const heading = document.createElement('h1');
  heading.textContent = await answer.text();
  document.body.append(heading);
};
</script>`;

const unrests: Record<Unrest, string> = {
  none: '',
  clock: `<p id="clock"></p><script>setInterval(() => { clock.textContent = Date.now(); }, 50);</script>`,
  frames: `<p id="spinner">…</p><script>
const turn = () => { spinner.style.rotate = performance.now() + 'deg'; requestAnimationFrame(turn); };
turn();
</script>`,
};

function document(unrest: Unrest, body: string): string {
  return `<!doctype html><link rel="icon" href="data:,"><title>Answering</title><body>${unrests[unrest]}${body}`;
}
