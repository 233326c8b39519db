import { z } from 'zod';
import type { CustomerDb } from '../../db/customers.ts';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, answers, newRouter, params, query } from '../http/router.ts';
import { CustomerPath, there } from '../reports/asked.ts';
import { cursor, pageLimit } from '../reports/query-parts.ts';
import { runs } from '../reports/runs.ts';
import { RunsAnswer } from '../reports/shapes.ts';
import { inRestored } from './restored.ts';
import { MonthName, RestoredAnswer } from './shapes.ts';

const MonthPath = CustomerPath.extend({ month: MonthName });
const RunsQuery = z.object({ before: cursor.optional(), limit: pageLimit });

/** What there is of a month that was brought back; under `/api/v1`. */
export function restoredRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const read = may(server, 'read');

  router.get(
    '/customers/:customerId/archive/restored/:month',
    read,
    answers('Monitors that have runs in a restored month', RestoredAnswer),
    params(MonthPath),
    async (ctx) => {
      const { customerId, params } = ctx.state;
      const found = await inRestored(server, customerId, params.month, async (db, { month, until }) => ({
        ...{ month, until, monitors: await monitorsWithRuns(db) },
      }));
      ctx.body = there(found) satisfies z.infer<typeof RestoredAnswer>;
    },
  );

  router.get(
    '/customers/:customerId/archive/restored/:month/monitors/:monitorId/runs',
    read,
    answers('Runs of a monitor in a restored month, newest first', RunsAnswer),
    params(MonthPath.extend({ monitorId: Uuid })),
    query(RunsQuery),
    async (ctx) => {
      const { customerId, params, query } = ctx.state;
      const { month, monitorId } = params;
      const found = await inRestored(server, customerId, month, (db) => runs(db, monitorId, query));
      ctx.body = there(found) satisfies RunsAnswer;
    },
  );

  return router;
}

async function monitorsWithRuns(db: CustomerDb): Promise<z.infer<typeof RestoredAnswer>['monitors']> {
  const rows: { id: string; name: string; runs: number; failed: number }[] = await db('runs')
    .join('monitors', 'monitors.id', 'runs.monitor_id')
    .groupBy('monitors.id', 'monitors.name')
    .orderBy('monitors.name')
    .select('monitors.id', 'monitors.name')
    .count({ runs: '*' })
    .sum({ failed: db.raw("case when runs.outcome = 'failed' then 1 else 0 end") });
  return rows.map(({ id, name, runs, failed }) => ({ id, name, runs: Number(runs), failed: Number(failed) }));
}
