import { createReadStream, existsSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { type Site, startSite } from '../site.ts';

const root = resolve(import.meta.dirname, '../../..');
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Serves the files of a folder of this project, by its path from the root. */
export function serveFolder(folder: string): Promise<Site> {
  return startSite((request, answer) => {
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const file = join(root, folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file) || !statSync(file).isFile()) {
      answer.writeHead(404).end();
      return;
    }
    answer.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    createReadStream(file).pipe(answer);
  });
}
