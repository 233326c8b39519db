/* Questions that are asked before the page's programs have come, so that answers and programs travel at once. */

const asked = new Map<string, Promise<Response>>();

/** How long an answer that nobody takes is kept (ms). */
const keptMs = 10_000;

/** Asks the console's API `path`, with its query, for whoever asks the same soon. */
export function askAhead(path: string): void {
  const url = new URL(`/api/v1${path}`, window.location.href).href;
  const answer = fetch(url, { credentials: 'same-origin' });
  answer.catch(() => {}); // who takes it is told
  asked.set(url, answer);
  setTimeout(() => asked.delete(url), keptMs);
}

/** `fetch` that takes the answer to what was asked ahead. Each is taken once; none outlives a change. */
export function fetchOrTake(request: Request): Promise<Response> {
  if (request.method !== 'GET') asked.clear();
  const answer = asked.get(request.url);
  asked.delete(request.url);
  return answer ?? fetch(request);
}
