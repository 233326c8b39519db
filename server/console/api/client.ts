import createClient from 'openapi-fetch';
import { fetchOrTake } from './ahead.ts';
import type { paths } from './schema.ts';

/** The one client of the server's API. Answers are kept and asked again (ETag) by the browser's own cache. */
export const api = createClient<paths>({ baseUrl: '/api/v1', credentials: 'same-origin', fetch: fetchOrTake });

/** An answer that is not a success, or none at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  /** Seconds to wait, if the server said so. */
  readonly retryAfter: number | undefined;
  /** What the server said of it, for people; may be empty. */
  readonly detail: string;

  constructor(status: number, code: string, retryAfter?: number, detail = '', cause?: unknown) {
    super(`${status} ${code}`, { cause });
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.detail = detail;
  }
}

let csrfToken = '';

/** The token that every changing request carries from now on; it comes with the session. */
export function takeTokenOf(session: { csrfToken: string } | null): void {
  csrfToken = session?.csrfToken ?? '';
}

api.use({
  onRequest({ request }) {
    if (request.method !== 'GET' && csrfToken !== '') request.headers.set('x-csrf-token', csrfToken);
    return request;
  },
});

/** The answer's body; everything else is thrown as an `ApiError`. */
export async function ask<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asked.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'UNREACHABLE', undefined, '', cause);
  });
  if (response.ok) return data as T;
  const { code, detail } = isProblem(error) ? error : { code: `HTTP_${response.status}`, detail: '' };
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  throw new ApiError(response.status, code, Number.isFinite(wait) ? wait : undefined, detail);
}

function isProblem(body: unknown): body is { code: string; detail: string } {
  const has = (name: string) => name in (body as object) && typeof (body as Record<string, unknown>)[name] === 'string';
  return typeof body === 'object' && body !== null && has('code') && has('detail');
}
