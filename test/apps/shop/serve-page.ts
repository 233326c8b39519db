import { setTimeout as wait } from 'node:timers/promises';
import type { RouterMiddleware } from '@koa/router';
import type { Context } from 'koa';
import type { FaultPlan } from './faults.ts';
import { readForm } from './form.ts';
import { sorry } from './pages.ts';
import type { Session, Sessions } from './sessions.ts';
import type { PageName, Switches } from './switches.ts';
import type { Tally } from './truth.ts';

/** What the routes share: the shop's memory, its switches and its clock. */
export interface Shop {
  passwords: ReadonlyMap<string, string>;
  sessions: Sessions;
  tally: Tally;
  delays: NonNullable<Switches['delays']>;
  plan: FaultPlan;
  now(): number;
  closing: AbortSignal;
}

export interface Visit {
  session: Session;
  form: URLSearchParams;
  /** The page's own element must be left out. */
  broken: boolean;
}

const cookie = 'shop_session';

/** Opens the visitor's session, then lets the page be slow, fail or hang as the switches say, and measures it. */
export function servePage(shop: Shop, name: PageName, ownDelay = (_: Context) => 0): RouterMiddleware<Visit> {
  return async (ctx, next) => {
    const startedAt = performance.now();
    shop.tally.asked(name);
    ctx.res.once('finish', () => shop.tally.served(name, performance.now() - startedAt));
    ctx.state.form = ctx.method === 'POST' ? await readForm(ctx.req) : new URLSearchParams();
    ctx.state.session = openSession(shop, ctx);
    const user = ctx.state.session.user ?? ctx.state.form.get('user') ?? '';
    const fault = shop.plan.next(name, user, shop.now());
    if (fault) shop.tally.fault(name, fault);
    const gone = AbortSignal.any([shop.closing, closeOf(ctx)]);
    const delay = fault === 'hang' ? Number.POSITIVE_INFINITY : (shop.delays[name] ?? 0) + ownDelay(ctx);
    if (!(await pause(delay, gone))) {
      ctx.respond = false;
      ctx.res.destroy();
      return;
    }
    if (fault === 'http500') {
      ctx.status = 500;
      ctx.body = sorry(
        ctx.state.session,
        'Something went wrong',
        'Our shop could not finish this. Please try again in a moment.',
      );
    } else {
      ctx.state.broken = fault === 'brokenElement';
      await next();
    }
    // Late, since signing in changes the session's id.
    ctx.cookies.set(cookie, ctx.state.session.id, { httpOnly: true, sameSite: 'lax' });
  };
}

function openSession(shop: Shop, ctx: Context): Session {
  const session = shop.sessions.find(ctx.cookies.get(cookie), shop.now()) ?? shop.sessions.start(shop.now());
  const reference = ctx.query.reference;
  if (typeof reference === 'string') session.reference = reference.slice(0, 100);
  return session;
}

/** Aborted when the connection of this answer is over: the client went away, or has it all. */
function closeOf(ctx: Context): AbortSignal {
  const closed = new AbortController();
  ctx.res.once('close', () => closed.abort());
  return closed.signal;
}

/** Waits `ms`, for ever if they are infinite; false if the visitor went away or the shop closed before. */
async function pause(ms: number, gone: AbortSignal): Promise<boolean> {
  if (ms === 0) return true;
  const longest = 2 ** 31 - 1; // what a timer of Node takes
  try {
    await wait(Math.min(ms, longest), undefined, { signal: gone });
    return true;
  } catch {
    return false; // the only error is the abort
  }
}
