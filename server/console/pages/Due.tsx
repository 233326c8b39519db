import type { Session } from '../api/types.ts';
import { accountWords as say } from '../messages/messages.ts';
import { FactorSetUp } from '../parts/FactorSetUp.tsx';
import { PasswordForm } from '../parts/PasswordForm.tsx';
import { Plate } from '../parts/Plate.tsx';
import { SignOut } from '../parts/SignOut.tsx';

/** What a user has to do before anything else; the session, once it is done, takes them on. */
export function DuePage({ session: { due, user } }: { session: Session }) {
  const isPassword = due === 'password';
  return (
    <Plate title={isPassword ? say.dueTitle : say.factorDueTitle}>
      <p className="muted">{isPassword ? say.dueText : say.factorDueText}</p>
      {isPassword ? <PasswordForm name={user.name} /> : <FactorSetUp name={user.name} />}
      <SignOut />
    </Plate>
  );
}
