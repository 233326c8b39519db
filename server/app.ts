import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { grantRoutes } from './accounts/grant-routes.ts';
import { routes as accounts } from './accounts/routes.ts';
import { tokenRoutes } from './accounts/token-routes.ts';
import { archiveKeyRoutes } from './archive/key-routes.ts';
import { restoredRoutes } from './archive/restored-routes.ts';
import { archiveRoutes } from './archive/routes.ts';
import { authoringRoutes } from './assignments/authoring-routes.ts';
import { consoleRoutes as consoleOfMonitors } from './assignments/console-routes.ts';
import { monitorRoutes } from './assignments/monitor-routes.ts';
import { NewsDesk } from './assignments/news-desk.ts';
import { publishRoutes } from './assignments/publish-routes.ts';
import { routes as assignments } from './assignments/routes.ts';
import { routes as auditTrails } from './audit/routes.ts';
import { consoleFiles } from './console-files.ts';
import { consoleRoutes as enrolmentInConsole } from './enrolment/console-routes.ts';
import { routes as enrolment } from './enrolment/routes.ts';
import { routes as evidence, sentinelRoutes as evidenceOfSentinels } from './evidence/routes.ts';
import { traceViewer } from './evidence/trace-viewer.ts';
import type { ServerContext } from './http/context.ts';
import type { Door } from './http/door.ts';
import { healthOf } from './http/health.ts';
import { oneHost } from './http/one-host.ts';
import { openApi } from './http/openapi.ts';
import { packAnswers } from './http/pack-answers.ts';
import { problems } from './http/problem.ts';
import { countRequest } from './http/rate-limits.ts';
import { requestLog } from './http/request-log.ts';
import { type ApiRouter, anybody, type DeclaredRoute, newRouter } from './http/router.ts';
import { securityHeaders } from './http/security-headers.ts';
import { securityTxt } from './http/security-txt.ts';
import { refuseOtherSites } from './http/session-auth.ts';
import { sourceOf } from './http/source-of.ts';
import { routes as ingest } from './ingest/routes.ts';
import { installFiles } from './install-files.ts';
import { compareRoutes } from './reports/compare-routes.ts';
import { failureRoutes } from './reports/failure-routes.ts';
import { maintenanceRoutes } from './reports/maintenance-routes.ts';
import { overviewRoutes } from './reports/overview-routes.ts';
import { routes as reports } from './reports/routes.ts';
import { serviceReportRoutes } from './reports/service/routes.ts';
import { targetRoutes } from './reports/service/target-routes.ts';
import { trialRoutes } from './trials/routes.ts';

export const consoleApiPrefix = '/api/v1';
const consoleFolder = fileURLToPath(new URL('./console/dist', import.meta.url));

/** What answers requests: the same for both, unless console and sentinels are to be apart. */
export interface Listeners {
  sentinels: RequestListener;
  console: RequestListener;
}

/**
 * What sentinels call, what the console and integrators call, and the console itself. Apart, either answers nothing of the
 * other: there it doesn't exist.
 */
export async function app(server: ServerContext, doors: readonly Door[], isApart: boolean): Promise<Listeners> {
  let service: RequestListener = () => {};
  const desk = new NewsDesk(server, (request, answer) => service(request, answer));
  server.events.on('sentinelSeen', ({ sentinelId }, socket) => doors[0]?.letIn(socket, sentinelId));
  const api = sentinelApi(server, desk);
  const forSentinels = (koa: Koa) => {
    koa.use(mounted(apiPrefix, api).routes());
    koa.use(mounted('', [openApiFile(apiPrefix, () => sentinelOpenApi(api))]).routes());
    koa.use(installFiles(server.installFolder));
  };
  const files = await consoleFiles(consoleFolder);
  const forConsole = (koa: Koa) => {
    koa.use(consoleRouter(server).routes());
    koa.use(mounted('', [openApiFile(consoleApiPrefix, () => consoleOpenApi(server))]).routes());
    koa.use(traceViewer());
    koa.use(files);
  };
  service = answering(server, doors, isApart ? [forSentinels] : [forSentinels, forConsole]);
  return { sentinels: desk.handle, console: isApart ? answering(server, doors, [forConsole]) : desk.handle };
}

/** Answers with what these add, after what all have in common. */
function answering(server: ServerContext, doors: readonly Door[], adds: readonly ((koa: Koa) => void)[]) {
  const koa = new Koa();
  koa.context.limits = server.limits;
  koa.on('error', (error) => server.log.debug({ err: error }, 'an answer could not be sent'));
  const common = [requestLog(server), introduce(doors), securityHeaders(), packAnswers(), problems(server), oneHost()];
  for (const part of common) koa.use(part);
  koa.use(mounted('', [publicFiles(server)]).routes());
  for (const add of adds) add(koa);
  return koa.callback();
}

/** Its routes; what is asked before anybody is known comes from our own pages, and is counted by address. */
function consoleRouter(server: ServerContext): Router {
  const routers = consoleApi(server);
  const outer = new Router({ prefix: consoleApiPrefix });
  const isOpen = ({ permission, method }: DeclaredRoute) => permission === 'come in' && method !== 'get';
  for (const { path } of routers.flatMap(({ declared }) => declared.filter(isOpen))) {
    outer.use(path, async (ctx, next) => {
      if (ctx.method === 'POST') {
        refuseOtherSites(ctx);
        await countRequest(server, 'signIn', sourceOf(ctx.ip));
      }
      await next();
    });
  }
  for (const { router } of routers) outer.use(router.routes());
  return outer;
}

/** What sentinels call, under `apiPrefix`. */
export function sentinelApi(server: ServerContext, desk = new NewsDesk(server, () => {})): ApiRouter[] {
  return [enrolment(server), assignments(server, desk), ingest(server), evidenceOfSentinels(server)];
}

/** What the console calls, and integrators, under `consoleApiPrefix`. */
export function consoleApi(server: ServerContext): ApiRouter[] {
  return [
    ...accounts(server),
    grantRoutes(server),
    tokenRoutes(server),
    consoleOfMonitors(server),
    authoringRoutes(server),
    monitorRoutes(server),
    publishRoutes(server),
    trialRoutes(server),
    overviewRoutes(server),
    reports(server),
    compareRoutes(server),
    failureRoutes(server),
    maintenanceRoutes(server),
    serviceReportRoutes(server),
    targetRoutes(server),
    evidence(server),
    enrolmentInConsole(server),
    auditTrails(server),
    archiveRoutes(server),
    archiveKeyRoutes(server),
    restoredRoutes(server),
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

function openApiFile(prefix: string, make: () => object): ApiRouter {
  const router = newRouter();
  let document: object | undefined; // made when first asked for: it takes a third of the start
  router.get(`${prefix}/openapi.json`, anybody, (ctx) => {
    document ??= make();
    ctx.body = document;
  });
  return router;
}

function publicFiles(server: ServerContext): ApiRouter {
  const router = newRouter();
  router.get('/certs/ca.pem', anybody, (ctx) => {
    ctx.type = 'application/x-pem-file';
    ctx.attachment('vedette-authority.pem');
    ctx.body = server.authority.caPem;
  });
  router.get('/.well-known/security.txt', anybody, (ctx) => {
    ctx.type = 'text/plain; charset=utf-8';
    ctx.body = securityTxt(server);
  });
  const health = healthOf(server);
  router.get('/healthz', anybody, async (ctx) => {
    await health();
    ctx.type = 'text/plain; charset=utf-8';
    ctx.set('cache-control', 'no-store');
    ctx.body = 'ok\n';
  });
  return router;
}

/** Tells the doors who has shown who it is; sentinels are told of by an event. */
function introduce(doors: readonly Door[]): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.state.actor) for (const door of doors) door.letIn(ctx.req.socket);
  };
}
