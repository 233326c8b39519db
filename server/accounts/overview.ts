import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { monitorList } from '../reports/monitors.ts';
import type { Monitor, MonitorState } from '../reports/shapes.ts';
import { type Patience, readEach } from './read-each.ts';
import type { CustomersAnswer } from './shapes.ts';

const dayMs = 86_400_000;

/**
 * How every customer's monitors do, over the last 24 hours. A database that can't be read in time is told of, and hides no
 * other customer.
 */
export async function customersOverview(server: ServerContext, patience: Patience): Promise<CustomersAnswer> {
  const now = server.now();
  const period = { from: now - dayMs, to: now };
  const outcomes = await readEach(server, (db) => monitorList(db, period, now), patience);
  const customers = outcomes.map((outcome) => {
    const { customer } = outcome;
    if (outcome.status === 'fulfilled') return overviewOf(customer, outcome.value);
    const { reason: err } = outcome;
    server.log.error({ customer: customer.id, err }, 'the monitors of a customer could not be read');
    return overviewOf(customer, undefined);
  });
  return { period, customers };
}

function overviewOf(customer: CustomerRow, read: readonly Monitor[] | undefined) {
  const monitors = read ?? [];
  const inState = (state: MonitorState) => monitors.filter((monitor) => monitor.state === state).length;
  const lastRuns = monitors.flatMap((monitor) => monitor.lastRun?.startedAt ?? []);
  return {
    id: customer.id,
    name: customer.name,
    monitors: monitors.length,
    states: {
      up: inState('up'),
      degraded: inState('degraded'),
      failing: inState('failing'),
      noData: inState('noData'),
      paused: inState('paused'),
    },
    availability: availabilityOf(monitors),
    suspendedAt: customer.suspended_at,
    isReadable: read !== undefined,
    lastRunAt: lastRuns.length > 0 ? Math.max(...lastRuns) : null,
  };
}

function availabilityOf(monitors: readonly Monitor[]): number | null {
  const passed = monitors.reduce((sum, monitor) => sum + monitor.counts.passed, 0);
  const failed = monitors.reduce((sum, monitor) => sum + monitor.counts.failed, 0);
  return passed + failed > 0 ? passed / (passed + failed) : null;
}
