import http from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { FaultPlan } from './faults.ts';
import { files } from './files.ts';
import { routes } from './routes.ts';
import type { Shop } from './serve-page.ts';
import { Sessions } from './sessions.ts';
import { Switches, type SwitchesInput } from './switches.ts';
import { Tally, type Truth } from './truth.ts';

export interface ShopOptions extends SwitchesInput {
  /** 0, the default, takes a free one. */
  port?: number;
  /** Of the user `demo`. */
  password: string;
  /** Further users and their passwords. */
  users?: Readonly<Record<string, string>>;
  /** The clock (ms since 1970) by which timed faults come and go. */
  now?(): number;
}

export interface RunningShop {
  url: string;
  port: number;
  truth(): Truth;
  /** Replaces the delays, the faults, or both. New faults start to count, and their time to run, now. */
  set(switches: SwitchesInput): void;
  /** Ends every open answer, hung ones too. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The shop, listening on 127.0.0.1. Rejects when the port is taken; throws when the switches make no sense. */
export async function startShop(options: ShopOptions): Promise<RunningShop> {
  const { port = 0, password, users = {}, now = Date.now, delays = {}, faults = [] } = options;
  const closing = new AbortController();
  const shop: Shop = {
    passwords: new Map(Object.entries({ demo: password, ...users })),
    sessions: new Sessions(),
    tally: new Tally(),
    delays: {},
    plan: new FaultPlan([], now()),
    now,
    closing: closing.signal,
  };
  const set = (switches: SwitchesInput) => turn(shop, Switches.parse(switches));
  set({ delays, faults });
  const server = http.createServer(app(shop).callback());
  await listen(server, port);
  const close = async () => {
    closing.abort();
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
  };
  const taken = (server.address() as AddressInfo).port;
  const truth = () => shop.tally.truth();
  return { url: `http://127.0.0.1:${taken}`, port: taken, truth, set, close, [Symbol.asyncDispose]: close };
}

function app(shop: Shop): Koa {
  const app = new Koa();
  app.silent = true; // an error is an answer of status 500, which its visitor reports
  app.use(async (ctx, next) => {
    ctx.set('content-security-policy', "default-src 'self'; frame-ancestors 'none'; form-action 'self'");
    ctx.set('x-content-type-options', 'nosniff');
    if (ctx.path !== '/truth') return next();
    ctx.body = shop.tally.truth();
  });
  app.use(files());
  app.use(routes(shop).routes());
  return app;
}

function turn(shop: Shop, { delays, faults }: Switches): void {
  if (delays) shop.delays = delays;
  if (faults) shop.plan = new FaultPlan(faults, shop.now());
}

async function listen(server: http.Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
