import { z } from 'zod';
import { auditForBoth } from '../audit/audit.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { type Asking, may } from '../http/may.ts';
import { HttpProblem } from '../http/problem.ts';
import { type ApiRouter, also, answers, anybody, newRouter, params } from '../http/router.ts';
import { actorOf, type SignedIn } from '../http/session-auth.ts';
import { confirming, LinkAnswer, NewCodes, NewFactor, OwnSession, typedCode, typedPassword } from './account-shapes.ts';
import { keepDevice, sessionAnswer } from './answer.ts';
import { changePassword } from './change-password.ts';
import type { HashingTurns } from './hashing-turns.ts';
import { deviceCookie } from './known-devices.ts';
import { choosePasswordByLink, lookAtLink } from './links.ts';
import { beginFactor, confirmFactor, dropFactor, renewRecoveryCodes } from './second-factor.ts';
import { endOtherSessions, endOwnSession, endSessions, ownSessions, renewSession } from './sessions.ts';
import { Session } from './shapes.ts';
import { codeWrong, confirmUser } from './sign-in.ts';

const token = z.string().min(1).max(100);
const open = { 403: ['OTHER_SITE'], 429: ['TOO_MANY_REQUESTS'] };
const choosing = { 400: ['PASSWORD_REFUSED'], 409: ['CHANGED_MEANWHILE'] };

/** One's own password, second factor and sessions, and choosing a password by a link; under `/api/v1`. */
export function accountRoutes(server: ServerContext, turns: HashingTurns): ApiRouter {
  const router = newRouter();
  passwords(server, router, turns);
  secondFactor(server, router, turns);
  sessions(server, router);
  return router;
}

function passwords(server: ServerContext, router: ApiRouter, turns: HashingTurns): void {
  router.post(
    '/session/password',
    may(server, 'use own account'),
    answers('Change the password; all other sessions end', Session),
    also({ others: { ...confirming, ...choosing } }),
    body(z.object({ current: typedPassword, password: typedPassword })),
    async (ctx) => {
      const { current, password } = ctx.state.input;
      const actor = actorOf(ctx.state.user);
      await turns.ofKnown(ctx.state.user.id, async () => {
        const user = await confirmUser(server, ctx.state, { password: current }, ctx.ip);
        await changePassword(server, { user, password, actor, keptSession: ctx.state.tokenHash });
      });
      ctx.body = await sessionAnswer(server, ctx, await renewSession(server, ctx.state));
    },
  );

  router.post(
    '/links/look',
    anybody,
    answers('Whose password a link lets choose', LinkAnswer),
    also({ others: { ...open, 410: ['LINK_GONE'] } }),
    body(z.object({ token })),
    async (ctx) => {
      const { link, user } = await lookAtLink(server, ctx.state.input.token);
      ctx.set('cache-control', 'no-store');
      ctx.body = { name: user.name, purpose: link.purpose, expiresAt: link.expires_at };
    },
  );

  router.post(
    '/links/use',
    anybody,
    answers('Choose a password by a link, which is used up'),
    also({ others: { ...open, ...choosing, 410: ['LINK_GONE'], 429: ['BUSY', 'TOO_MANY_REQUESTS'] } }),
    body(z.object({ token, password: typedPassword })),
    async (ctx) => {
      const { input } = ctx.state;
      const { user } = await lookAtLink(server, input.token); // what anybody may think up has no turn
      const chosen = { ...input, device: ctx.cookies.get(deviceCookie) };
      keepDevice(ctx, await turns.ofKnown(user.id, () => choosePasswordByLink(server, chosen)));
      ctx.status = 204;
    },
  );
}

function secondFactor(server: ServerContext, router: ApiRouter, turns: HashingTurns): void {
  const own = may(server, 'use own account');
  const confirmed = (asking: SignedIn & Asking & { input: { password: string; code?: string } }, from: string) =>
    turns.ofKnown(asking.user.id, () => confirmUser(server, asking, asking.input, from));
  const tell = (
    { user }: SignedIn,
    action: 'second-factor-added' | 'second-factor-removed' | 'recovery-codes-renewed',
  ) => auditForBoth(server, user.customerId, { at: server.now(), actor: actorOf(user), action, subject: user.name });

  router.post(
    '/session/second-factor',
    own,
    answers('Begin to set up a second factor', NewFactor),
    also({ others: { ...confirming, 409: ['FACTOR_THERE'] } }),
    body(z.object({ password: typedPassword })),
    async (ctx) => {
      const user = await confirmed(ctx.state, ctx.ip);
      if (user.second_factor !== null) {
        throw new HttpProblem(409, 'FACTOR_THERE', 'you have a second factor: switch it off before you set up another');
      }
      ctx.set('cache-control', 'no-store');
      ctx.body = await beginFactor(server, user, ctx.state.tokenHash);
    },
  );

  router.put(
    '/session/second-factor',
    own,
    answers('Switch the second factor on, by a code of it; all other sessions end', NewCodes),
    also({ others: { 403: ['CODE_WRONG'] } }),
    body(z.object({ code: typedCode })),
    async (ctx) => {
      const { user, tokenHash } = ctx.state;
      const recoveryCodes = await confirmFactor(server, user, tokenHash, ctx.state.input.code);
      if (!recoveryCodes) throw codeWrong();
      await endSessions(server, user.id, tokenHash);
      await tell(ctx.state, 'second-factor-added');
      ctx.body = { recoveryCodes, session: await sessionAnswer(server, ctx, await renewSession(server, ctx.state)) };
    },
  );

  router.post(
    '/session/second-factor/removal',
    own,
    answers('Switch the second factor off', Session),
    also({ others: confirming }),
    body(z.object({ password: typedPassword, code: typedCode })),
    async (ctx) => {
      const { id } = await confirmed(ctx.state, ctx.ip);
      await dropFactor(server.registry, id);
      await endSessions(server, id, ctx.state.tokenHash);
      await tell(ctx.state, 'second-factor-removed');
      ctx.body = await sessionAnswer(server, ctx, await renewSession(server, ctx.state));
    },
  );

  router.post(
    '/session/recovery-codes',
    own,
    answers('Make new recovery codes in place of all earlier ones', NewCodes),
    also({ others: confirming }),
    body(z.object({ password: typedPassword, code: typedCode })),
    async (ctx) => {
      const { id } = await confirmed(ctx.state, ctx.ip);
      const recoveryCodes = await renewRecoveryCodes(server, id);
      await tell(ctx.state, 'recovery-codes-renewed');
      ctx.body = { recoveryCodes, session: await sessionAnswer(server, ctx) };
    },
  );
}

function sessions(server: ServerContext, router: ApiRouter): void {
  const own = may(server, 'use own account');

  router.get(
    '/sessions',
    own,
    answers('Where one is signed in', z.object({ sessions: z.array(OwnSession) })),
    async (ctx) => {
      ctx.body = { sessions: await ownSessions(server, ctx.state) };
    },
  );

  router.delete('/sessions', own, answers('End all sessions of one but this'), async (ctx) => {
    await endOtherSessions(server, ctx.state);
    ctx.status = 204;
  });

  router.delete(
    '/sessions/:sessionId',
    own,
    answers('End one of the own sessions'),
    params(z.object({ sessionId: z.uuid() })),
    async (ctx) => {
      await endOwnSession(server, ctx.state, ctx.state.params.sessionId);
      ctx.status = 204;
    },
  );
}
