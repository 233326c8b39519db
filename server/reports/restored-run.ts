import type { CustomerId } from '../../db/customers.ts';
import { inRestored, monthOfRun } from '../archive/restored.ts';
import type { ServerContext } from '../http/context.ts';
import { run } from './run.ts';
import type { RunAnswer } from './shapes.ts';

/** A run of a month that was brought back from the archive, as it was; undefined where it is in none. */
export async function restoredRun(
  server: ServerContext,
  id: CustomerId,
  runId: string,
  urlOf: (sha256: string) => string,
): Promise<RunAnswer | undefined> {
  return inRestored(server, id, monthOfRun(runId), async (db, { month, until }) => {
    const found = await run(db, runId, urlOf);
    // Nobody compares with what the application looks like today.
    return found && { ...found, passedPicture: null, noPassedPicture: null, restored: { month, until } };
  });
}
