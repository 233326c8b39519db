import type { CustomerDb } from '../../db/customers.ts';
import { hoursFrom } from '../rollups/kept-hours.ts';
import { sealedUntil } from '../rollups/sealed-hours.ts';
import type { Period, Step } from './shapes.ts';

/** What a report is told by that was asked for by `step`: long ago there are no hours any more, and in the archive no minutes. */
export async function keptStep<S extends Step>(
  db: CustomerDb,
  monitorId: string,
  { from }: Period,
  step: S,
): Promise<S | 'hour' | 'day'> {
  if (step !== 'minute' && step !== 'hour') return step;
  if (from < (await hoursFrom(db, monitorId))) return 'day';
  return step === 'minute' && from < (await sealedUntil(db)) ? 'hour' : step;
}
