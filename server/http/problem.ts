import { STATUS_CODES } from 'node:http';
import { HttpError, type Middleware } from 'koa';
import { isUnusable } from '../../db/database-unusable.ts';
import { SchemaTooNew } from '../../db/migrate.ts';
import type { Problem } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from './context.ts';

/** An answer that is not a success. `code` is for programs, `detail` for people; neither may hold what the asker may not see. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The answer to whoever asks for what isn't there, or isn't theirs: nobody may tell the two apart. */
export function notFound(): HttpProblem {
  return new HttpProblem(404, 'NOT_FOUND', 'there is nothing at this address');
}

/** A 401 must say so (RFC 9110); browsers ask nobody for a password because of it. */
const howToComeIn = { 'www-authenticate': 'Bearer realm="vedette"' };

/** Turns whatever is thrown below into problem details (RFC 9457). What isn't an `HttpProblem` is logged and told to nobody. */
export function problems({ log, stopping }: Pick<ServerContext, 'log' | 'stopping'>): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.status === 404 && ctx.body == null && ctx.respond !== false) throw notFound();
    } catch (error) {
      const problem = problemOf(error, stopping.signal.aborted);
      if (error !== problem && problem.status >= 500 && problem.code !== 'STOPPING')
        log.error({ err: error, method: ctx.method, path: ctx.path }, 'a request failed');
      const body: Problem = {
        type: 'about:blank',
        title: STATUS_CODES[problem.status] ?? 'Error',
        status: problem.status,
        code: problem.code,
        detail: problem.message,
      };
      ctx.status = problem.status;
      ctx.set({ 'cache-control': 'no-store', ...(problem.status === 401 && howToComeIn), ...problem.headers });
      ctx.body = JSON.stringify(body);
      ctx.type = 'application/problem+json';
    }
  };
}

function problemOf(error: unknown, isStopping: boolean): HttpProblem {
  if (error instanceof HttpProblem) return error;
  // The databases are being closed under what is still going on.
  if (isStopping) return new HttpProblem(503, 'STOPPING', 'the server is being stopped', { 'retry-after': '5' });
  if (error instanceof SchemaTooNew) {
    const detail =
      "this customer's data were last used by a newer version of the server; its administrator starts that one";
    return new HttpProblem(503, 'SCHEMA_TOO_NEW', detail, { 'retry-after': '300' });
  }
  if (isUnusable(error)) {
    const detail = 'the database can not be worked with now; the log of the server says why';
    return new HttpProblem(503, 'DATABASE_UNUSABLE', detail, { 'retry-after': '5' });
  }
  // Koa's own, such as 405 or a path that can't be decoded.
  if (error instanceof HttpError && error.expose) {
    return new HttpProblem(error.status, 'REQUEST_REFUSED', error.message, { ...error.headers });
  }
  return new HttpProblem(500, 'SERVER_ERROR', 'the server failed; its log says why');
}
