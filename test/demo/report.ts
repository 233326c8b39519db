import type { ConsoleClient } from './console-client.ts';
import type { DemoState } from './state.ts';

/** What `--once --json` prints. Times in milliseconds, availability from 0 to 1. */
export interface DemoReport {
  customers: CustomerReport[];
  console_url: string;
}

interface CustomerReport {
  name: string;
  monitors: { name: string; transactions: TransactionReport[] }[];
  screenshots: number;
}

interface TransactionReport {
  name: string;
  runs: number;
  failed: number;
  availability: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  last_error_code: string | null;
}

/** The part of the API's answers that the report is made of; `/api/v1/openapi.json` has the whole. */
interface MonitorAnswer {
  id: string;
  name: string;
  transactions: {
    name: string;
    passed: number;
    failed: number;
    errored: number;
    availability: number | null;
    p50Us: number | null;
    p95Us: number | null;
    lastErrorCode: string | null;
  }[];
}

/** One customer's report, as its own user sees it. */
export async function customerReport(
  client: ConsoleClient,
  customer: DemoState['customers'][number],
): Promise<CustomerReport> {
  const base = `/customers/${customer.id}/monitors`;
  const { monitors } = await client.get<{ monitors: MonitorAnswer[] }>(base);
  const failed = await Promise.all(
    monitors.map((m) =>
      client.get<{ runs: { screenshot: boolean }[] }>(`${base}/${m.id}/runs?outcome=failed&limit=100`),
    ),
  );
  return {
    name: customer.name,
    monitors: monitors.map((m) => ({ name: m.name, transactions: m.transactions.map(transactionReport) })),
    screenshots: failed.flatMap((f) => f.runs).filter((r) => r.screenshot).length,
  };
}

/** Whether the report shows what the demo promises: a Checkout that worked, one that failed, and its picture. */
export function isComplete({ monitors, screenshots }: CustomerReport): boolean {
  const checkouts = monitors.flatMap((m) => m.transactions).filter((t) => t.name === 'Checkout');
  return screenshots > 0 && checkouts.some((t) => t.failed > 0 && t.runs > t.failed);
}

/** The report as a table for people. */
export function table(report: DemoReport): string {
  const rows = report.customers.flatMap((c) =>
    c.monitors.flatMap((m) =>
      m.transactions.map((t) => [
        c.name,
        m.name,
        t.name,
        String(t.runs),
        t.availability === null ? '–' : `${(t.availability * 100).toFixed(1)} %`,
        milliseconds(t.p50_ms),
        milliseconds(t.p95_ms),
        t.last_error_code ?? '–',
      ]),
    ),
  );
  const head = ['customer', 'monitor', 'transaction', 'runs', 'availability', 'p50', 'p95', 'last error'];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const isNumber = (i: number) => i >= 3 && i <= 6;
  const line = (cells: string[]) =>
    cells
      .map((c, i) => (isNumber(i) ? c.padStart(widths[i] ?? 0) : c.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((w) => '─'.repeat(w))), ...rows.map(line)].join('\n');
}

function transactionReport(t: MonitorAnswer['transactions'][number]): TransactionReport {
  return {
    name: t.name,
    runs: t.passed + t.failed + t.errored,
    failed: t.failed,
    availability: t.availability,
    p50_ms: inMs(t.p50Us),
    p95_ms: inMs(t.p95Us),
    last_error_code: t.lastErrorCode,
  };
}

function inMs(us: number | null): number | null {
  return us === null ? null : Math.round(us / 100) / 10;
}

function milliseconds(ms: number | null): string {
  return ms === null ? '–' : `${Math.round(ms)} ms`;
}
