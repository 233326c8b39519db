import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Middleware } from 'koa';
import { HttpProblem, notFound } from './http/problem.ts';

const sums = 'SHA256SUMS';
const types: Record<string, string> = {
  '.gz': 'application/gzip',
  '.tgz': 'application/gzip',
  '.zip': 'application/zip',
};

/**
 * Hands out below `/install/` what `npm run package` made in `folder`, to anybody: devices that are no sentinels yet. The
 * only names there are those that its list of sums has, and the list. Nothing is kept without asking: the same name is
 * another file after the next build, and its sum is its ETag.
 */
export function installFiles(folder: string): Middleware {
  return async (ctx, next) => {
    const [, name] = /^\/install\/(.*)$/.exec(ctx.path) ?? [];
    if (name === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    const sum = (await sumsIn(folder)).get(name);
    if (sum === undefined && name !== sums) throw notFound();
    const file = join(folder, name);
    ctx.length = (await stat(file)).size;
    ctx.set('cache-control', 'no-cache');
    if (sum !== undefined) ctx.set('etag', `"${sum}"`);
    ctx.type = types[extname(name)] ?? 'text/plain; charset=utf-8';
    ctx.status = 200;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = createReadStream(file);
  };
}

/** By name, which is that of a file in the folder itself. */
async function sumsIn(folder: string): Promise<Map<string, string>> {
  try {
    const lines = (await readFile(join(folder, sums), 'utf8')).matchAll(/^([0-9a-f]{64}) {2}([\w][\w.-]*)$/gm);
    return new Map([...lines].map(([, sum = '', name = '']) => [name, sum]));
  } catch {
    const next = 'its operator makes what is missing with `npm run package`, or names the folder with --install';
    throw new HttpProblem(404, 'NOTHING_TO_INSTALL', `this server has nothing to install sentinels with: ${next}`);
  }
}
