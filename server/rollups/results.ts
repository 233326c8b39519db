import type { OutcomeName } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Counted } from './figures.ts';

/** A result as it is counted: of one transaction, or of a whole run. */
export interface Result extends Counted {
  /** 0 for a whole run. */
  transactionId: number;
  sentinelId: string;
  locationId: string;
  /** The run's, ms since 1970. */
  startedAt: number;
}

interface Row {
  transaction_id: number;
  sentinel_id: string;
  location_id: string;
  started_at: number;
  outcome: OutcomeName;
  error_code: string | null;
  time_us: number | null;
}

/** Every result of a monitor's runs that count and started in [from, to): the rows that rollups and short reports are made of. */
export async function resultsBetween(db: CustomerDb, monitorId: string, from: number, to: number): Promise<Result[]> {
  const rows = [...(await wholeRuns(db, monitorId, from, to)), ...(await transactions(db, monitorId, from, to))];
  return rows.map((row) => ({
    transactionId: row.transaction_id,
    sentinelId: row.sentinel_id,
    locationId: row.location_id,
    startedAt: row.started_at,
    outcome: row.outcome,
    errorCode: row.error_code,
    timeUs: row.time_us,
  }));
}

function wholeRuns(db: CustomerDb, monitorId: string, from: number, to: number) {
  return db('runs')
    .where({ monitor_id: monitorId, counts: 1 })
    .where('started_at', '>=', from)
    .where('started_at', '<', to)
    .select<Row[]>('sentinel_id', 'location_id', 'started_at', 'outcome', 'error_code', { time_us: 'duration_us' })
    .select(db.raw('0 as transaction_id'));
}

function transactions(db: CustomerDb, monitorId: string, from: number, to: number) {
  return db('transactions as t')
    .join('transaction_results as r', 'r.transaction_id', 't.id')
    .join('runs', 'runs.id', 'r.run_id')
    .where({ 't.monitor_id': monitorId, 'runs.counts': 1 })
    .where('r.started_at', '>=', from)
    .where('r.started_at', '<', to)
    .select<Row[]>('r.transaction_id', 'runs.sentinel_id', 'runs.location_id', 'r.started_at')
    .select('r.outcome', 'r.error_code', { time_us: 'r.response_us' });
}
