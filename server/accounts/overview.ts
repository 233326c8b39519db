import type { ServerContext } from '../http/context.ts';
import { monitorList } from '../reports/monitors.ts';
import type { Monitor, MonitorState, Period } from '../reports/shapes.ts';
import { type Customer, listCustomers } from './customers.ts';
import type { CustomersAnswer } from './shapes.ts';

const dayMs = 86_400_000;

/** How every customer's monitors do, over the last 24 hours. */
export async function customersOverview(server: ServerContext): Promise<CustomersAnswer> {
  const now = server.now();
  const period = { from: now - dayMs, to: now };
  const customers = [];
  for (const customer of await listCustomers(server)) {
    const monitors = await monitorsOf(server, customer, period, now);
    customers.push(overviewOf(customer, monitors));
  }
  return { period, customers };
}

/** A database that can't be read is told of, and hides no other customer. */
async function monitorsOf(server: ServerContext, customer: Customer, period: Period, now: number) {
  try {
    return await server.customers.use(customer.id, (db) => monitorList(db, period, now));
  } catch (err) {
    server.log.error({ customer: customer.id, err }, 'the monitors of a customer could not be read');
    return undefined;
  }
}

function overviewOf(customer: Customer, read: readonly Monitor[] | undefined) {
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
    suspendedAt: customer.suspendedAt,
    isReadable: read !== undefined,
    lastRunAt: lastRuns.length > 0 ? Math.max(...lastRuns) : null,
  };
}

function availabilityOf(monitors: readonly Monitor[]): number | null {
  const passed = monitors.reduce((sum, monitor) => sum + monitor.counts.passed, 0);
  const failed = monitors.reduce((sum, monitor) => sum + monitor.counts.failed, 0);
  return passed + failed > 0 ? passed / (passed + failed) : null;
}
