import type { Rule } from './permissions.ts';
import { HttpProblem } from './problem.ts';

/** What is there, and not for this role. */
export function wrongRole(rule: Rule): HttpProblem {
  const roles = 'roles' in rule ? rule.roles.join(' or ') : '';
  return new HttpProblem(403, 'ROLE', `your role may not do that: ask somebody whose role is ${roles}`);
}

/** What an operator who is inside a customer may not do there. */
export function beyondGrant(rule: Rule): HttpProblem {
  const isAccess = 'isAccess' in rule && rule.isAccess;
  const detail = isAccess
    ? 'who else gets in is decided by the customer: ask one of its administrators'
    : 'you entered this customer to read only: enter it anew, with changes';
  return new HttpProblem(403, 'ROLE', detail);
}

/** What a token may not do (RFC 6750). */
export function beyondScope(next: string): HttpProblem {
  return new HttpProblem(403, 'SCOPE', `this token may not do that: ${next}`, {
    'www-authenticate': 'Bearer realm="vedette", error="insufficient_scope"',
  });
}
