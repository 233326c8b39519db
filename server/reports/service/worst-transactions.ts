import { rowsOf } from './applications.ts';
import type { Ground } from './ground.ts';
import { tableOf } from './row.ts';
import type { ServiceRow, ServiceTable } from './shapes.ts';

/** Nobody works through more. */
const most = 20;

const failing = ['monitor', 'transaction', 'failed', 'passed', 'availability', 'codes'] as const;
const slowest = ['monitor', 'transaction', 'passed', 'p50Us', 'p95Us', 'p95BeforeUs'] as const;

/** The transactions that failed most, and those that took longest. */
export async function worstTransactions(ground: Ground): Promise<ServiceTable[]> {
  const rows: ServiceRow[] = [];
  for (const watched of ground.watched) rows.push(...(await rowsOf(ground, watched)).slice(1));
  const fell = rows.filter(({ failed }) => failed > 0);
  const slow = rows.filter(({ p95Us }) => p95Us !== null);
  return [
    tableOf(
      'failing',
      null,
      failing,
      firstBy(fell, ({ availability }) => -(availability ?? 1)),
    ),
    tableOf(
      'slowest',
      null,
      slowest,
      firstBy(slow, ({ p95Us }) => p95Us ?? 0),
    ),
  ];
}

function firstBy(rows: readonly ServiceRow[], worth: (row: ServiceRow) => number): ServiceRow[] {
  return rows.toSorted((a, b) => worth(b) - worth(a) || b.failed - a.failed).slice(0, most);
}
