import { HttpProblem } from './problem.ts';
import type { SignedIn } from './session-auth.ts';

const problems = {
  password: ['PASSWORD_DUE', 'choose another password first: the console asks for it after you sign in'],
  'second-factor': ['SECOND_FACTOR_DUE', 'set up a second factor first: the console leads you after you sign in'],
} as const;

/** Until what is due is done, nothing but the own account is open: 403 `PASSWORD_DUE`, `SECOND_FACTOR_DUE`. */
export function refuseDue({ due }: SignedIn): void {
  if (due === null) return;
  const [code, detail] = problems[due];
  throw new HttpProblem(403, code, detail);
}
