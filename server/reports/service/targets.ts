import { atomically } from '../../../db/atomically.ts';
import type { MonitorRow, TargetRow, TransactionRow } from '../../../db/customer/rows.ts';
import type { CustomerDb } from '../../../db/customers.ts';
import { type Actor, audit } from '../../audit/audit.ts';
import { transactionIdOf } from '../compared.ts';
import { logoOf } from './logo.ts';
import type { TargetsAnswer, TargetWish } from './shapes.ts';

const millionths = 1_000_000;

/** What was agreed on for transactions of a monitor, by their id; 0 is whole runs. */
export async function targetsOf(db: CustomerDb, monitorId: string): Promise<Map<number, TargetRow>> {
  const rows = await db<TargetRow>('targets').where({ monitor_id: monitorId });
  return new Map(rows.map((row) => [row.transaction_id, row]));
}

/** Every monitor with what can have a target, and the one it has. */
export async function targetsAnswer(db: CustomerDb): Promise<TargetsAnswer> {
  const monitors = await db<MonitorRow>('monitors').orderBy('name').select('id', 'name');
  const transactions = await db<TransactionRow>('transactions').orderBy(['position', 'id']);
  const rows = await db<TargetRow>('targets');
  const targetOf = (monitorId: string, transactionId: number) => {
    const found = rows.find((row) => row.monitor_id === monitorId && row.transaction_id === transactionId);
    return found ? present(found) : null;
  };
  const told = monitors.map(({ id, name }) => {
    const own = transactions.filter(({ monitor_id }) => monitor_id === id);
    return {
      ...{ id, name },
      transactions: [{ id: 0, name: null }, ...own].map((one) => ({
        transaction: one.name,
        target: targetOf(id, one.id),
      })),
    };
  });
  return { monitors: told, logo: await logoOf(db) };
}

function present({ hours, availability_ppm, p95_us, changed_by, changed_at }: TargetRow) {
  const availability = availability_ppm === null ? null : availability_ppm / millionths;
  return { hours, availability, p95Us: p95_us, changedBy: changed_by, changedAt: changed_at };
}

/**
 * Sets or takes away what a transaction, or whole runs, are measured against. False if there is no such monitor; throws
 * `Refused` where it has no such transaction.
 */
export function setTarget(
  db: CustomerDb,
  monitorId: string,
  wish: TargetWish,
  { actor, now }: { actor: Actor; now: number },
): Promise<boolean> {
  return atomically(db, async (trx) => {
    const monitor = await trx<MonitorRow>('monitors').where({ id: monitorId }).first('name');
    if (!monitor) return false;
    const at = { monitor_id: monitorId, transaction_id: await transactionIdOf(trx, monitorId, wish.transaction) };
    const before = await trx<TargetRow>('targets').where(at).first();
    await trx('targets').where(at).delete();
    const { hours, availability, p95Us } = wish;
    const row: TargetRow = {
      ...at,
      hours,
      availability_ppm: availability === null ? null : Math.round(availability * millionths),
      p95_us: p95Us,
      changed_by: (actor.name ?? actor.kind).slice(0, 200),
      changed_at: now,
    };
    if (availability !== null || p95Us !== null) await trx('targets').insert(row);
    const { changedBy: _by, changedAt: _at, ...was } = before ? present(before) : { changedBy: '', changedAt: 0 };
    const detail = { hours, availability, p95Us, ...(before && { before: was }) };
    const subject = `${monitor.name}${wish.transaction === null ? '' : `: ${wish.transaction}`}`;
    await audit(trx, { at: now, actor, action: 'target-changed', subject, detail });
    return true;
  });
}
