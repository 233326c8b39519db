import helmet from 'helmet';
import type { Middleware } from 'koa';

const set = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // The console's components place and size things by style attributes, which hashes can't cover.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
  // A year, for this host alone: what runs beside it is not ours to decide.
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: false },
});

/** What browsers are told to forbid. A route may replace a header by a stricter one. */
export function securityHeaders(): Middleware {
  return async (ctx, next) => {
    await new Promise<void>((resolve, reject) => set(ctx.req, ctx.res, (error) => (error ? reject(error) : resolve())));
    await next();
  };
}
