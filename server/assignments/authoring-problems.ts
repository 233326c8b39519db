import { ScriptRefused } from '../../scripts-library/publish/bundle.ts';
import { HttpProblem } from '../http/problem.ts';
import { Refused } from '../http/refused.ts';
import { PlanOutdated } from './deploy.ts';

/** What was asked is understood, and can't be done. */
export function asProblem(error: unknown): never {
  if (error instanceof PlanOutdated) throw new HttpProblem(409, 'PLAN_OUTDATED', error.message);
  if (error instanceof ScriptRefused) throw new HttpProblem(422, 'SCRIPT_REFUSED', error.message);
  if (error instanceof Refused) throw new HttpProblem(422, 'REFUSED', error.message);
  throw error;
}
