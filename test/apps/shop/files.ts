import { readFileSync } from 'node:fs';
import type { Middleware } from 'koa';
import { products } from './catalogue.ts';
import { picture } from './picture.ts';

/** Serves the stylesheet, the script and the pictures: all known beforehand, so that no path reaches the disk. */
export function files(): Middleware {
  const byPath = new Map<string, { type: string; content: string }>([
    ['/shop.css', { type: 'text/css', content: read('shop.css') }],
    ['/shop.js', { type: 'text/javascript', content: read('shop.js') }],
    ['/favicon.svg', { type: 'image/svg+xml', content: read('favicon.svg') }],
    ...products.map((p) => [`/pictures/${p.id}.svg`, { type: 'image/svg+xml', content: picture(p) }] as const),
  ]);
  return async (ctx, next) => {
    const file = byPath.get(ctx.path);
    if (!file) return next();
    ctx.type = file.type;
    ctx.set('cache-control', 'max-age=300');
    ctx.body = file.content;
  };
}

function read(name: string): string {
  return readFileSync(new URL(`public/${name}`, import.meta.url), 'utf8');
}
