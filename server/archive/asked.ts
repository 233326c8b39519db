import { HttpProblem } from '../http/problem.ts';
import { Refused } from '../http/refused.ts';

/** What was refused is told as a fault of the question. */
export async function asked<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw error instanceof Refused ? new HttpProblem(400, 'BODY_INVALID', error.message) : error;
  });
}
