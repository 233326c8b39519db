import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Middleware } from 'koa';

/** Where traces are looked at: `?trace=` and the address of one. Its service worker reaches no other path. */
export const traceViewerPath = '/trace-viewer/';

const folder = fileURLToPath(new URL('lib/vite/traceViewer/', import.meta.resolve('playwright-core/package.json')));
const sealFile = fileURLToPath(new URL('trace-viewer-seal.js', import.meta.url));
const types = ['.css', '.html', '.js', '.svg', '.ttf', '.webmanifest'];

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'", // no style element is let in: those of pages in a trace have a policy of their own
  "style-src-attr 'unsafe-inline'", // its editor writes style attributes
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'", // a trace from elsewhere is not fetched
  "frame-src 'self' data:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Playwright's own trace viewer, as its package holds it. It shows what the browser fetches of a trace with the session
 * of who looks, so the route of evidence decides and writes down who may.
 */
export function traceViewer(): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith(traceViewerPath) || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    const name = ctx.path.slice(traceViewerPath.length) || 'index.html';
    const content = await fileOf(name);
    if (content === undefined) return next();
    ctx.set({ 'content-security-policy': policy, 'cache-control': 'public, no-cache' });
    ctx.type = extname(name);
    ctx.body = types.indexOf(extname(name)) < 4 ? content.toString() : content;
  };
}

async function fileOf(name: string): Promise<Buffer | undefined> {
  const path = join(folder, name);
  if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep) || !types.includes(extname(name)))
    return undefined;
  const content = await readFile(path).catch(() => undefined); // no such file: it is not there
  if (name !== 'sw.bundle.js' || content === undefined) return content;
  return Buffer.concat([await readFile(sealFile), content]);
}
