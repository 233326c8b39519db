import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context, Middleware } from 'koa';
import { allowStyles } from './http/security-headers.ts';

const notBuilt = 'The console has not been built. Build it with: npm run setup\n';
const gzipAsync = promisify(gzip);
const packable = /\.(css|html|js|json|svg)$/;

interface ConsoleFile {
  content: Buffer;
  /** None where packing saves nothing. */
  packed: Buffer | undefined;
  etag: string;
}

/**
 * Serves the built console in `folder`. Every address that names no file gets its one page, which knows what to show
 * there. The files are read once, at the start: no path leads out of the folder, and a page and its scripts are always
 * of the same build. Files under `assets/` are named by their content and never change.
 */
export async function consoleFiles(folder: string): Promise<Middleware> {
  const files = await filesIn(folder);
  return async (ctx, next) => {
    if ((ctx.method !== 'GET' && ctx.method !== 'HEAD') || /^\/(api|sentinel)\//.test(ctx.path)) return next();
    if (!files.has('/index.html')) {
      ctx.status = 503;
      ctx.body = notBuilt;
      return;
    }
    // A script's page has the name of a file in its address.
    const isPage = extname(ctx.path) === '' || ctx.path.startsWith('/c/');
    const path = isPage ? '/index.html' : ctx.path;
    const file = files.get(path);
    if (!file) return next();
    if (path === '/index.html') return page(ctx, file);
    ctx.set('cache-control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    ctx.set('etag', file.etag);
    ctx.vary('accept-encoding');
    const packed = ctx.acceptsEncodings('gzip', 'identity') === 'gzip' ? file.packed : undefined;
    if (packed) ctx.set('content-encoding', 'gzip');
    ctx.type = extname(path);
    ctx.body = packed ?? file.content;
  };
}

/** The page's own style elements are known by a word that is another each time, so it is never kept. */
function page(ctx: Context, { content }: ConsoleFile): void {
  const nonce = randomBytes(16).toString('base64url');
  ctx.set('cache-control', 'no-store');
  ctx.set('content-security-policy', allowStyles(ctx.response.get('content-security-policy'), nonce));
  ctx.type = 'html';
  ctx.body = content.toString().replace('STYLE-NONCE', nonce);
}

/** By address. */
async function filesIn(folder: string): Promise<Map<string, ConsoleFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []); // none: not built
  const files = new Map<string, ConsoleFile>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length).replaceAll(sep, '/'), await fileAt(path));
  }
  return files;
}

async function fileAt(path: string): Promise<ConsoleFile> {
  const content = await readFile(path);
  const packed = packable.test(path) ? await gzipAsync(content) : undefined;
  return { content, packed, etag: `W/"${createHash('sha256').update(content).digest('base64url')}"` };
}
