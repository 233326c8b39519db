import type {
  MonitorRow,
  PassedPictureRow,
  RunRow,
  SentinelRow,
  TransactionResultRow,
} from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { askedWhatPassed } from '../../sentinel/protocol/messages.ts';
import { picturesWhatPassed } from '../assignments/policy.ts';
import { heartbeatOf } from '../enrolment/heartbeat-of.ts';
import type { RunAnswer } from './shapes.ts';

type Answer = Pick<RunAnswer, 'passedPicture' | 'noPassedPicture'>;
type Named = PassedPictureRow & { location: string | null; sentinel: string | null };

/** To be seen beside a run in which a transaction went wrong: the last picture of it that passed, of its location if there is one. */
export async function passedPicture(
  db: CustomerDb,
  run: Pick<RunRow, 'monitor_id' | 'sentinel_id' | 'location_id'>,
  wrong: Pick<TransactionResultRow, 'transaction_id'> | undefined,
  urlOf: (sha256: string) => string,
): Promise<Answer> {
  if (!wrong) return { passedPicture: null, noPassedPicture: null };
  const found: Named | undefined = await db('passed_pictures as p')
    .leftJoin('locations', 'locations.id', 'p.location_id')
    .leftJoin('sentinels', 'sentinels.id', 'p.sentinel_id')
    .where('p.transaction_id', wrong.transaction_id)
    .whereNotNull('p.stored_sha256')
    .orderByRaw('case when p.location_id = ? then 0 else 1 end', [run.location_id])
    .orderBy('p.taken_at', 'desc')
    .first('p.*', { location: 'locations.name', sentinel: 'sentinels.name' });
  if (!found?.stored_sha256) return { passedPicture: null, noPassedPicture: await whyNone(db, run) };
  return {
    passedPicture: {
      ...{ url: urlOf(found.stored_sha256), bytes: found.bytes, width: found.width, height: found.height },
      ...{ takenAt: found.taken_at, runId: runIdOf(found.run_id) },
      ...{ location: found.location ?? found.location_id, sentinel: found.sentinel ?? found.sentinel_id },
    },
    noPassedPicture: null,
  };
}

async function whyNone(
  db: CustomerDb,
  { monitor_id, sentinel_id }: Pick<RunRow, 'monitor_id' | 'sentinel_id'>,
): Promise<Answer['noPassedPicture']> {
  const monitor = await db<MonitorRow>('monitors').where({ id: monitor_id }).first('policy');
  if (!picturesWhatPassed({ policy: monitor?.policy ?? null })) return 'monitor';
  const sentinel = await db<SentinelRow>('sentinels').where({ id: sentinel_id }).first('heartbeat');
  const refused = (sentinel && heartbeatOf(sentinel)?.refused) ?? [];
  const isRefused = refused.some(
    ({ monitorId, setting, asked }) =>
      monitorId === monitor_id && (setting === 'screenshots' || asked === askedWhatPassed),
  );
  return isRefused ? 'sentinel' : 'not yet';
}
