import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';
import type { Middleware } from 'koa';

const styleSource = "'self'";

const set = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: [styleSource],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
  strictTransportSecurity: false,
});

/** A year, for this host alone: what runs beside it is not ours to decide. */
const strictTransport = 'max-age=31536000';

/** What browsers are told to forbid. A route may replace a header by a stricter one. */
export function securityHeaders(): Middleware {
  return async (ctx, next) => {
    await new Promise<void>((resolve, reject) => set(ctx.req, ctx.res, (error) => (error ? reject(error) : resolve())));
    if (isStrict(ctx.hostname)) ctx.set('strict-transport-security', strictTransport);
    await next();
  };
}

/** The same as lines, for an answer that no route makes. */
export function securityHeaderLines(host: string): string[] {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  set(response.req, response, () => {});
  if (isStrict(host)) response.setHeader('strict-transport-security', strictTransport);
  return Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}`);
}

/** It holds for every port of a host, and on one's own machine other programs speak plain HTTP. */
function isStrict(host: string): boolean {
  return !/(^|\.)localhost$/.test(host);
}

/** The policy `header`, which then allows style elements that bear `nonce` too. */
export function allowStyles(header: string, nonce: string): string {
  return header.replace(`style-src ${styleSource}`, `style-src ${styleSource} 'nonce-${nonce}'`);
}
