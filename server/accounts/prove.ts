import { z } from 'zod';
import type { UserRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RouteContext } from '../http/router.ts';
import { actorOf, signedIn } from '../http/session-auth.ts';
import { typedCode, typedPassword } from './account-shapes.ts';
import type { HashingTurns } from './hashing-turns.ts';
import { confirmUser } from './sign-in.ts';

export const Proof = z.object({
  password: typedPassword.describe("the asker's own present password"),
  code: typedCode.optional().describe("of the asker's second factor, or a recovery code, where there is one"),
});
/** Of what needs a proof for some roles alone. */
export const ProofForSome = Proof.partial();

/** Throws unless whoever asks proves to be the session's owner: 400 `BODY_INVALID` without a password, else as `confirmUser`. */
export type Prove = (ctx: RouteContext<unknown>, proof: z.infer<typeof ProofForSome>) => Promise<void>;

/**
 * What lets in or takes over those who let in others asks for more than a session, which may have been left open or stolen:
 * else by way of another account it would have its own too. So does what a database server is told to do by its administrator.
 */
export function proving(server: ServerContext, turns: HashingTurns): Prove {
  return async (ctx, { password, code }) => {
    if (password === undefined) {
      throw new HttpProblem(400, 'BODY_INVALID', 'password: give your own present one, to show that it is still you');
    }
    const session = await signedIn(server, ctx);
    const { id } = session.user;
    const own = await server.registry<UserRow>('users').where({ id }).first('second_factor');
    const hasFactor = own?.second_factor !== null;
    const asking = { ...session, actor: actorOf(session.user) };
    const proof = { password, ...(hasFactor && { code: code ?? '' }) };
    await turns.ofKnown(id, () => confirmUser(server, asking, proof, ctx.ip));
    await ctx.recheck?.(); // turns may have taken their time
  };
}
