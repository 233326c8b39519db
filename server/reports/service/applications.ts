import { tagsOf } from '../../assignments/monitor-settings.ts';
import type { Period } from '../shapes.ts';
import { type Ground, sumOf, tallies, transactionsOf } from './ground.ts';
import { rowOf, tableOf } from './row.ts';
import type { ServiceRow, ServiceTable } from './shapes.ts';

const figures = ['availability', 'coverage', 'passed', 'failed', 'errored', 'p50Us', 'p95Us', 'p95BeforeUs'] as const;
const transactions = [
  'transaction',
  'passed',
  'failed',
  'availability',
  'p50Us',
  'p95Us',
  'p95BeforeUs',
  'codes',
] as const;

/** How each application did against the period before, and each of its transactions. */
export async function applications(ground: Ground): Promise<ServiceTable[]> {
  const wholes: ServiceRow[] = [];
  const tables: ServiceTable[] = [];
  for (const watched of ground.watched) {
    const rows = await rowsOf(ground, watched);
    wholes.push(...rows.slice(0, 1));
    tables.push(tableOf('transactions', watched.monitor.name, transactions, rows.slice(1)));
  }
  const tags = await tagRows(ground);
  const byTag = tags.length === 0 ? [] : [tableOf('tags', null, ['tag', ...figures], tags)];
  return [...byTag, tableOf('monitors', null, ['monitor', ...figures], wholes), ...tables];
}

/** Of each tag the runs of all monitors that have it. */
async function tagRows(ground: Ground): Promise<ServiceRow[]> {
  const { period, before, hours } = ground;
  const names = [...new Set(ground.watched.flatMap(({ monitor }) => tagsOf(monitor)))].sort();
  const sum = async (tag: string, { from, to }: Period) => {
    const tagged = ground.watched.filter(({ monitor }) => tagsOf(monitor).includes(tag));
    const asked = { bounds: [from, to], transactionIds: [0] };
    return sumOf(await Promise.all(tagged.map(async (one) => (await tallies(ground, one, asked))(0))));
  };
  return Promise.all(
    names.map(async (tag) => ({
      ...rowOf(await sum(tag, period), { period, hours, tag }),
      p95BeforeUs: rowOf(await sum(tag, before), { period: before, hours, tag }).p95Us,
    })),
  );
}

/** Whole runs, then each transaction that came up, with the p95 of the period before. */
export async function rowsOf(ground: Ground, watched: Ground['watched'][number]): Promise<ServiceRow[]> {
  const { period, before, hours } = ground;
  const now = await tallies(ground, watched);
  const then = await tallies(ground, watched, { bounds: [before.from, before.to] });
  const subjects = [{ id: 0, name: undefined }, ...(await transactionsOf(ground, watched))];
  return subjects.flatMap(({ id, name }) => {
    const of = { hours, monitor: watched.monitor.name, transaction: name };
    const row = rowOf(now(id), { ...of, period });
    const isThere = id === 0 || row.passed + row.failed + row.errored > 0;
    return isThere ? [{ ...row, p95BeforeUs: rowOf(then(id), { ...of, period: before }).p95Us }] : [];
  });
}
