import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Middleware } from 'koa';

const gzipAsync = promisify(gzip);
/** Smaller answers fit into one packet anyway. */
const worthPackingBytes = 1400;

/** Gives answers to GET an ETag, answers 304 to who has them already, and packs text for who can unpack it, unless it is packed. */
export function packAnswers(): Middleware {
  return async (ctx, next) => {
    await next();
    const text = ctx.response.get('content-encoding') ? undefined : textOf(ctx.body, ctx.response.type);
    if (text !== undefined && ctx.method === 'GET' && ctx.status === 200 && !ctx.response.get('etag')) {
      ctx.set('etag', `W/"${createHash('sha256').update(text).digest('base64url')}"`);
      if (!ctx.response.get('cache-control')) ctx.set('cache-control', 'private, no-cache');
    }
    if (ctx.fresh) ctx.status = 304;
    if (text === undefined || ctx.fresh) return;
    ctx.vary('accept-encoding');
    if (text.length < worthPackingBytes || ctx.acceptsEncodings('gzip', 'identity') !== 'gzip') return;
    const { type } = ctx.response;
    ctx.body = await gzipAsync(text);
    ctx.type = type;
    ctx.set('content-encoding', 'gzip');
  };
}

/** JSON and text; files and streams are left as they are. */
function textOf(body: unknown, type: string): string | Buffer | undefined {
  if (typeof body === 'string' || (Buffer.isBuffer(body) && type === 'application/json')) return body;
  const isPlain =
    typeof body === 'object' &&
    body !== null &&
    (Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype);
  return isPlain ? JSON.stringify(body) : undefined;
}
