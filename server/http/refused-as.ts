import { HttpProblem } from './problem.ts';
import { Refused } from './refused.ts';

/** For a `catch`: what was refused is told with this status and code, all else goes on as it is. */
export function refusedAs(status: number, code: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof Refused ? new HttpProblem(status, code, error.message) : error;
  };
}
