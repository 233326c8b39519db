import { HttpProblem } from './problem.ts';

/** Sentinels keep their results meanwhile, and ask again after this long (s). */
const askAgainSeconds = 300;

/** What a suspended customer's sentinels are told: none of their results is lost. */
export function suspendedForSentinels(): HttpProblem {
  const detail = 'this customer is suspended; results are kept on the device until the customer is let in again';
  return new HttpProblem(503, 'CUSTOMER_SUSPENDED', detail, { 'retry-after': String(askAgainSeconds) });
}

/** What its users are told. */
export function suspendedForUsers(why: string | null): HttpProblem {
  const reason = why === null ? '' : ` (${why})`;
  return new HttpProblem(
    403,
    'CUSTOMER_SUSPENDED',
    `this customer is suspended${reason}: ask whoever runs this server`,
  );
}
