import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { serverPin } from '../../certs/server-certificate.ts';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { ownOrigin } from '../http/own-origin.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { changeSentinel } from './change-sentinel.ts';
import { addEnrolmentCode, enrolmentCodeId, openCodes, withdrawCode } from './codes.ts';
import { decideMachine } from './decide.ts';
import { enrolLine, installLines } from './install-lines.ts';
import { revokeSentinel } from './revoke.ts';
import { listLocations, listSentinels } from './sentinels.ts';
import { CodeWish, Decision, NewCode, OpenCodesAnswer, SentinelsAnswer, SentinelWish } from './shapes.ts';

const CustomerPath = z.object({ customerId: z.string() });
const SentinelPath = CustomerPath.extend({ sentinelId: Uuid });
const CodePath = CustomerPath.extend({ codeId: z.string().regex(/^[0-9a-f]{16}$/) });

/** A customer's sentinels and the codes with which more of them enrol; under `/api/v1`. */
export function consoleRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const read = may(server, 'read');
  const change = may(server, 'change sentinels');

  router.get(
    '/customers/:customerId/sentinels',
    read,
    answers('All sentinels of the customer', SentinelsAnswer),
    params(CustomerPath),
    async (ctx) => {
      const { customerId } = ctx.state;
      const sentinels = await listSentinels(server, customerId);
      ctx.body = { sentinels, locations: await listLocations(server, customerId) } satisfies SentinelsAnswer;
    },
  );

  router.post(
    '/customers/:customerId/sentinels/:sentinelId/revocation',
    change,
    answers("Take a sentinel's API key away, at once"),
    params(SentinelPath),
    async (ctx) => {
      const { actor, customerId, params } = ctx.state;
      if (!(await revokeSentinel(server, customerId, params.sentinelId, actor))) throw notFound();
      ctx.status = 204;
    },
  );

  router.post(
    '/customers/:customerId/sentinels/:sentinelId/decision',
    change,
    answers('Say which of several machines with one identity goes on'),
    params(SentinelPath),
    also({ others: { 409: ['MACHINE_GONE'] } }),
    body(Decision),
    async (ctx) => {
      const { actor, customerId, params, input } = ctx.state;
      const decided = await decideMachine(server, customerId, params.sentinelId, input.boot, actor);
      if (!decided) throw await noSuchMachine(server, ctx.state.customerId, params.sentinelId);
      ctx.status = 204;
    },
  );

  router.put(
    '/customers/:customerId/sentinels/:sentinelId',
    change,
    answers('Rename a sentinel, move it, or say by which tags monitors choose it; what is left out stays'),
    params(SentinelPath),
    body(SentinelWish),
    also({ others: { 409: ['TOO_MUCH_TO_DO'] } }),
    async (ctx) => {
      const { actor, customerId, params, input } = ctx.state;
      const changed = changeSentinel(server, customerId, params.sentinelId, input, actor);
      if (!(await changed.catch(refusedAs(409, 'TOO_MUCH_TO_DO')))) throw notFound();
      ctx.status = 204;
    },
  );

  router.get(
    '/customers/:customerId/enrolment-codes',
    read,
    answers('Enrolment codes that can still be used', OpenCodesAnswer),
    params(CustomerPath),
    async (ctx) => {
      ctx.body = { codes: await openCodes(server, ctx.state.customerId) } satisfies OpenCodesAnswer;
    },
  );

  router.post(
    '/customers/:customerId/enrolment-codes',
    change,
    answers('Make an enrolment code, which is told this once', NewCode),
    params(CustomerPath),
    body(CodeWish),
    async (ctx) => {
      const { location, tags, uses, lifeMs, retireAfterMs } = ctx.state.input;
      const expiresAt = server.now() + lifeMs;
      const retirement = retireAfterMs === undefined ? {} : { retireAfterMs };
      const wish = { location, tags, uses, expiresAt, ...retirement, actor: ctx.state.actor };
      const code = await addEnrolmentCode(server, ctx.state.customerId, wish);
      const lines = linesFor(server, server.sentinelUrl ?? ownOrigin(server, ctx.host), code);
      ctx.set('cache-control', 'no-store');
      ctx.body = { id: enrolmentCodeId(code), code, location, tags, uses, expiresAt, ...lines } satisfies NewCode;
    },
  );

  router.delete(
    '/customers/:customerId/enrolment-codes/:codeId',
    change,
    answers('Withdraw an enrolment code, at once'),
    params(CodePath),
    async (ctx) => {
      const { actor, customerId, params } = ctx.state;
      if (!(await withdrawCode(server, customerId, params.codeId, actor))) throw notFound();
      ctx.status = 204;
    },
  );

  return router;
}

/** What is pasted into a shell of the device, for the address of sentinels, or else the one under which the asker came. */
function linesFor({ authority, dataFolder, installFolder }: ServerContext, url: string, code: string) {
  const [pin = ''] = authority.pins;
  const leafPin = serverPin(join(dataFolder, 'certs'));
  const handsOut = leafPin !== undefined && existsSync(join(installFolder, 'install.sh'));
  const install = handsOut ? installLines({ url, pin, leafPin, code }) : null;
  return { install, enrol: enrolLine({ url, pin, code }) };
}

async function noSuchMachine(server: ServerContext, customerId: Parameters<typeof listSentinels>[1], id: string) {
  const known = (await listSentinels(server, customerId)).some((sentinel) => sentinel.id === id);
  if (!known) return notFound();
  return new HttpProblem(409, 'MACHINE_GONE', 'that machine was started again meanwhile: look again, and decide anew');
}
