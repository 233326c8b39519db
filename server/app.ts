import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { routes as accounts } from './accounts/routes.ts';
import { consoleRoutes as consoleOfMonitors } from './assignments/console-routes.ts';
import { NewsDesk } from './assignments/news-desk.ts';
import { routes as assignments } from './assignments/routes.ts';
import { routes as auditTrails } from './audit/routes.ts';
import { consoleFiles } from './console-files.ts';
import { consoleRoutes as enrolmentInConsole } from './enrolment/console-routes.ts';
import { routes as enrolment } from './enrolment/routes.ts';
import { routes as evidence, sentinelRoutes as evidenceOfSentinels } from './evidence/routes.ts';
import type { ServerContext } from './http/context.ts';
import type { Door } from './http/door.ts';
import { oneHost } from './http/one-host.ts';
import { openApi } from './http/openapi.ts';
import { packAnswers } from './http/pack-answers.ts';
import { problems } from './http/problem.ts';
import { type ApiRouter, anybody, newRouter } from './http/router.ts';
import { securityHeaders } from './http/security-headers.ts';
import { routes as ingest } from './ingest/routes.ts';
import { installFiles } from './install-files.ts';
import { maintenanceRoutes } from './reports/maintenance-routes.ts';
import { overviewRoutes } from './reports/overview-routes.ts';
import { routes as reports } from './reports/routes.ts';

export const consoleApiPrefix = '/api/v1';
const consoleFolder = fileURLToPath(new URL('./console/dist', import.meta.url));

/** The whole service: what sentinels call, what the console and integrators call, and the console itself. */
export async function app(server: ServerContext, door: Door): Promise<RequestListener> {
  let service: RequestListener = () => {};
  const desk = new NewsDesk(server, (request, answer) => service(request, answer));
  server.events.on('sentinelSeen', ({ sentinelId }, socket) => door.letIn(socket, sentinelId));
  const koa = new Koa();
  koa.context.limits = server.limits;
  koa.on('error', (error) => server.log.debug({ err: error }, 'an answer could not be sent'));
  koa.use(requestLog(server));
  koa.use(introduce(door));
  koa.use(securityHeaders());
  koa.use(packAnswers());
  koa.use(problems(server));
  koa.use(oneHost());
  const sentinels = sentinelApi(server, desk);
  koa.use(mounted(apiPrefix, sentinels).routes());
  koa.use(mounted(consoleApiPrefix, consoleApi(server)).routes());
  koa.use(mounted('', [publicFiles(server, sentinels)]).routes());
  koa.use(installFiles(server.installFolder));
  koa.use(await consoleFiles(consoleFolder));
  service = koa.callback();
  return desk.handle;
}

/** What sentinels call, under `apiPrefix`. */
export function sentinelApi(server: ServerContext, desk = new NewsDesk(server, () => {})): ApiRouter[] {
  return [enrolment(server), assignments(server, desk), ingest(server), evidenceOfSentinels(server)];
}

/** What the console calls, and integrators, under `consoleApiPrefix`. */
export function consoleApi(server: ServerContext): ApiRouter[] {
  return [
    accounts(server),
    consoleOfMonitors(server),
    overviewRoutes(server),
    reports(server),
    maintenanceRoutes(server),
    evidence(server),
    enrolmentInConsole(server),
    auditTrails(server),
  ];
}

/** The OpenAPI document of the console's API. */
export function consoleOpenApi(server: ServerContext): object {
  return openApi({ title: 'Vedette', prefix: consoleApiPrefix, routers: consoleApi(server) });
}

/** The OpenAPI document of what sentinels call, for who writes one. */
function sentinelOpenApi(routers: readonly ApiRouter[]): object {
  return openApi({ title: 'Vedette: what sentinels call', prefix: apiPrefix, routers });
}

function mounted(prefix: string, routers: readonly ApiRouter[]): Router {
  const outer = new Router({ prefix });
  for (const { router } of routers) outer.use(router.routes());
  return outer;
}

function publicFiles(server: ServerContext, sentinels: readonly ApiRouter[]): ApiRouter {
  const router = newRouter();
  const documents = { [consoleApiPrefix]: () => consoleOpenApi(server), [apiPrefix]: () => sentinelOpenApi(sentinels) };
  for (const [prefix, make] of Object.entries(documents)) {
    let document: object | undefined; // made when first asked for: it takes a third of the start
    router.get(`${prefix}/openapi.json`, anybody, (ctx) => {
      document ??= make();
      ctx.body = document;
    });
  }
  router.get('/certs/ca.pem', anybody, (ctx) => {
    ctx.type = 'application/x-pem-file';
    ctx.attachment('vedette-authority.pem');
    ctx.body = server.authority.caPem;
  });
  return router;
}

/** Tells the door who has shown who it is; sentinels are told of by an event. */
function introduce(door: Door): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.state.actor) door.letIn(ctx.req.socket);
  };
}

/** One line a request, without its query: that may hold what people look for. */
function requestLog({ log }: ServerContext): Middleware {
  return async (ctx, next) => {
    const begin = performance.now();
    await next();
    if (ctx.respond === false) return; // it waits for news, and begins anew
    ctx.res.once('close', () => {
      const ms = Math.round(performance.now() - begin);
      log.debug({ method: ctx.method, path: ctx.path, status: ctx.status, ms, from: ctx.ip }, 'request');
    });
  };
}
