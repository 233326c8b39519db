import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { constants, gunzip, zstdDecompress } from 'node:zlib';
import { z } from 'zod';
import type { Limits } from './limits.ts';
import { HttpProblem } from './problem.ts';
import { documented, faults, type RouteContext, type Step } from './router.ts';

/** How a body may be packed. */
type Unpacker = (packed: Buffer, limit: { maxOutputLength: number }) => Promise<Buffer>;
const unzstd = promisify(zstdDecompress);
/** A few bytes of zstd can ask for a window of 128 MiB; ours have no use for more than 8. */
const smallWindow = { params: { [constants.ZSTD_d_windowLogMax]: 23 } };
const unpackers = new Map<string, Unpacker>([
  ['gzip', promisify(gunzip)],
  ['zstd', (packed, limit) => unzstd(packed, { ...limit, ...smallWindow })],
]);
/** One packing, never one within another. */
const Packed = z.object({ 'content-encoding': z.enum(['gzip', 'zstd', 'identity']).optional() });
const refusals = { 400: ['BODY_INVALID'], 413: ['BODY_TOO_LARGE'], 415: ['MEDIA_TYPE', 'ENCODING'] };

export interface BodyOptions {
  maxBytes?: number;
  /** What the document says instead of `schema`, where that only looks at the outside. */
  documentedAs?: z.ZodType;
}

/**
 * Takes a JSON body of at most `maxBytes`, packed and unpacked, and puts it into `ctx.state.input` as `schema` gives it,
 * with its unpacked size beside it.
 * Problems: 400 `BODY_INVALID` (with the place), 413 `BODY_TOO_LARGE`, 415 `MEDIA_TYPE`; of a body that took long to come
 * also those of the entrance.
 */
export function body<S extends z.ZodType>(
  schema: S,
  { maxBytes = 64 * 1024, documentedAs = schema }: BodyOptions = {},
): Step<{ input: z.output<S>; inputBytes: number }> {
  return documented(
    async (ctx, next) => {
      const content = await read(ctx, ['application/json'], maxBytes);
      const parsed = schema.safeParse(json(content));
      if (!parsed.success) throw new HttpProblem(400, 'BODY_INVALID', faults(parsed.error));
      ctx.state.input = parsed.data;
      ctx.state.inputBytes = content.length;
      await next();
    },
    { body: { schema: documentedAs, mediaType: 'application/json' }, headers: Packed, others: refusals },
  );
}

/** Takes a body of one of `mediaTypes` as it is, into `ctx.state.bytes`; the same problems as `body`. */
export function bytes(mediaTypes: string[], { maxBytes }: { maxBytes: number }): Step<{ bytes: Buffer }> {
  return documented(
    async (ctx, next) => {
      ctx.state.bytes = await read(ctx, mediaTypes, maxBytes);
      await next();
    },
    {
      body: { mediaType: mediaTypes[0] ?? 'application/octet-stream' },
      headers: Packed,
      others: refusals,
    },
  );
}

async function read(ctx: RouteContext<unknown>, mediaTypes: string[], maxBytes: number): Promise<Buffer> {
  if (!ctx.is(mediaTypes)) {
    throw new HttpProblem(415, 'MEDIA_TYPE', `the body must be sent as content-type ${mediaTypes.join(' or ')}`);
  }
  const began = performance.now();
  const packed = await collect(ctx.req, maxBytes, ctx.limits);
  const content = await unpack(packed, ctx.get('content-encoding').toLowerCase(), maxBytes);
  // Whoever sends slowly on purpose would keep, for as long as that takes, rights that were taken from them.
  if (performance.now() - began >= ctx.limits.lookAgainMs) await ctx.recheck?.();
  return content;
}

async function collect(request: IncomingMessage, maxBytes: number, limits: Limits): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  using pace = watchPace(request, limits);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      pace.got(chunk.length);
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    throw new HttpProblem(400, 'BODY_INVALID', 'the body broke off');
  }
  return Buffer.concat(chunks);
}

/** Cuts off who sends a body too slowly: it would keep what it has sent in our memory for as long as it likes. */
function watchPace(request: IncomingMessage, { idleMs, slowestBytesPerSecond, slowStartMs, lookEveryMs }: Limits) {
  const began = performance.now();
  let [bytes, last] = [0, began];
  const timer = setInterval(() => {
    const now = performance.now();
    const isSlow = now - began > slowStartMs && bytes / (now - began) < slowestBytesPerSecond / 1000;
    if (isSlow || now - last > idleMs) request.destroy();
  }, lookEveryMs);
  return {
    got(more: number) {
      bytes += more;
      last = performance.now();
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

async function unpack(packed: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  if (encoding === '' || encoding === 'identity') return packed;
  const unpacker = unpackers.get(encoding);
  if (!unpacker) throw new HttpProblem(415, 'ENCODING', 'content-encoding must be gzip, zstd or none');
  try {
    return await unpacker(packed, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(maxBytes);
    throw new HttpProblem(400, 'BODY_INVALID', `the body is not what its content-encoding says: ${encoding}`);
  }
}

function json(content: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (error) {
    const what = error instanceof SyntaxError ? 'JSON' : 'UTF-8';
    throw new HttpProblem(400, 'BODY_INVALID', `the body is not valid ${what}`);
  }
}

/** The connection is closed: what is still to come of the body is of no use. */
function tooLarge(maxBytes: number): HttpProblem {
  return new HttpProblem(413, 'BODY_TOO_LARGE', `the body may have at most ${maxBytes} bytes, unpacked`, {
    connection: 'close',
  });
}
