import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { Middleware } from 'koa';

const notBuilt = 'The console has not been built. Build it with: npm run setup\n';

/**
 * Serves the built console in `folder`. Every address that is no file gets its one page, which knows what to show there.
 * Only files listed at the start are served, so no path leads out of the folder. Files under `assets/` are named by
 * their content and never change.
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
    const isFile = files.has(ctx.path);
    if (!isFile && ctx.path.startsWith('/assets/')) return next();
    const path = isFile ? ctx.path : '/index.html';
    ctx.set('cache-control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    ctx.type = extname(path);
    ctx.body = createReadStream(join(folder, path));
  };
}

async function filesIn(folder: string): Promise<Set<string>> {
  try {
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    return new Set(files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length).replaceAll(sep, '/')));
  } catch {
    return new Set(); // there is no such folder: not built
  }
}
