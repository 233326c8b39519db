import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../../db/customer/build-customer.ts';
import { buildRun } from '../../ingest/build-run.ts';
import { ingest } from '../../ingest/ingest.ts';
import { closeHours } from '../../rollups/close-hours.ts';
import { hourMs } from '../../rollups/hours.ts';
import { rollUpDirty } from '../../rollups/roll-up.ts';
import { addMaintenance } from '../maintenance.ts';
import { serviceReport } from './service-report.ts';
import type { ServiceRow } from './shapes.ts';

const tenMinutes = 600_000;
const day = Date.UTC(2026, 8, 20);

test('what a paused monitor ran all the same hides nothing that another one lost, in no sum', async () => {
  await using world = await buildCustomer();
  const { db } = world;
  const usual = { created_at: day, every_ms: tenMinutes, tags: '["shop"]' };
  await world.buildMonitor({ ...usual, name: 'lost' });
  const { id: monitorId } = await world.buildMonitor({ ...usual, name: 'paused', paused: 1 });
  const sentinel = await world.buildSentinel({ enrolled_at: day });
  const runs = Array.from({ length: 24 * 6 }, (_, i) => buildRun({ monitorId, startedAt: day + i * tenMinutes }));
  await ingest(db, sentinel, runs, day + 24 * hourMs);
  await rollUpDirty(db);
  const planned = { from: day + hourMs, to: day + 2 * hourMs, reason: 'release' };
  await addMaintenance(db, planned, { kind: 'user', name: 'alice' }, day);
  const question = { customer: 'Aurora', period: '2026-09-20..2026-09-20', hours: 'all' } as const;
  const told = ({ expected, passed, lost, coverage }: ServiceRow) => [expected, passed, lost, coverage];
  const sums = async (maintenance: 'included' | 'excluded', now: number) => {
    const ask = (template: 'coverage' | 'applications') =>
      serviceReport(db, { ...question, template, maintenance }, now);
    const { whole, tables } = await ask('coverage');
    const named = new Map([...tables, ...(await ask('applications')).tables].map((table) => [table.name, table.rows]));
    const [lost, paused] = named.get('coverage') ?? [];
    assert.deepEqual([lost?.passed, lost?.coverage, paused?.lost, paused?.coverage], [0, 0, 0, 1]);
    assert.equal(whole.lost, lost?.lost);
    for (const name of ['locations', 'tags'] as const)
      assert.deepEqual(named.get(name)?.map(told), [told(whole)], name);
    return told(whole);
  };
  const halfPast = day + 12.5 * hourMs;
  const soFar = await serviceReport(db, { ...question, template: 'coverage', maintenance: 'included' }, halfPast);
  assert.equal(soFar.until, halfPast, 'of the hour that is going on no more than there is');
  const later = day + 26 * hourMs;
  await sums('included', day + 12 * hourMs);
  await closeHours(db, later);
  assert.deepEqual(await sums('included', later), [288, 144, 144, 0.5]);
  assert.deepEqual(await sums('excluded', later), [276, 138, 138, 0.5]);
});
