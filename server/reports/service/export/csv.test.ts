import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFigures } from '../../../rollups/figures.ts';
import { Tally } from '../../../rollups/tally.ts';
import { rowOf, tableOf } from '../row.ts';
import type { ServiceReport } from '../shapes.ts';
import { csvOf } from './csv.ts';

const period = { from: Date.UTC(2026, 8, 30, 22), to: Date.UTC(2026, 9, 31, 23) };

function reportOf(monitor: string, transaction: string): ServiceReport {
  const tally = new Tally();
  Object.assign(tally.figures, { ...noFigures(), passed: 199, failed: 1 });
  const kept = { monitor_id: 'm', transaction_id: 1, changed_by: '', changed_at: 0 };
  const target = { ...kept, hours: 'all', availability_ppm: 995_000, p95_us: null } as const;
  const row = rowOf(tally, { period, hours: 'all', monitor, transaction, target });
  const columns = ['transaction', 'availability', 'availabilityMet', 'failuresAllowed', 'budgetLeft'] as const;
  const whole = { customer: 'Acme', template: 'service-level', calendarPeriod: '2026-10', period, until: period.to };
  const asked = { businessHours: '', hours: 'all', maintenance: 'included', rule: '', monitors: [], logo: null };
  const tables = [tableOf('transactions', monitor, columns, [row])];
  return { ...whole, ...asked, timeZone: 'Europe/Amsterdam', whole: row, tables } as ServiceReport;
}

test('a file has one heading and a line for each row, in the time of the customer', () => {
  const [head, line, end] = csvOf(reportOf('Shop', 'Login')).split('\r\n');
  assert.equal(
    head,
    'Table,From,To,Monitor,Transaction,Location,Availability,Availability target,Failures allowed,Error budget left',
  );
  const times = '2026-10-01T00:00+02:00,2026-11-01T00:00+01:00';
  assert.equal(line, `Transactions,${times},Shop,Login,,0.995,met,1,0`);
  assert.equal(end, '');
});

test('what spreadsheets would take for a formula or for several fields is neither', () => {
  for (const [name, field] of [
    ['=cmd|"/c calc"!A1', `"'=cmd|""/c calc""!A1"`],
    ['+1', "'+1"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t'=1"],
    ['＝1+1', "'＝1+1"],
    ['Shop; =cmd|A1', "Shop;' =cmd|A1"],
    ['Shop;"=1"', `"Shop;'""=1"""`],
    ['Shop\n=1', `"Shop\n'=1"`],
    ['Shop - north; east', 'Shop - north; east'],
    ['a,"b"', '"a,""b"""'],
    ['a\r\nb', '"a\r\nb"'],
  ] as const) {
    assert.ok(csvOf(reportOf(name, 'Login')).includes(`,${field},Login,`), name);
  }
});
