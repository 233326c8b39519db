import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { ErrorCode } from '../../sentinel/protocol/error-codes.ts';
import { buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { closeHours } from '../rollups/close-hours.ts';
import { hourMs } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { monitor } from './monitors.ts';
import { dayMs } from './period.ts';

const now = Date.UTC(2026, 2, 20, 12, 30);
const began = Date.UTC(2026, 2, 13);
const everyMs = 8 * hourMs;

test('since when a sentinel fails, and with what a transaction last did, is found without reading all that passed since', async () => {
  await using customer = await buildCustomer();
  const { db } = customer;
  const { id: monitorId } = await customer.buildMonitor({ created_at: began, every_ms: everyMs });
  const starts = Array.from({ length: 1 + Math.floor((now - began) / everyMs) }, (_, i) => began + i * everyMs);
  const failed = (startedAt: number, code: ErrorCode, name: string) => {
    const { responseUs: _, ...result } = buildResult({ name, outcome: 'failed', error: { code, message: 'no' } });
    return buildRun({ monitorId, startedAt, outcome: 'failed', transactions: [result] });
  };
  /** Of a sentinel that passes but where `codes` tell otherwise. */
  const report = async (codes: (startedAt: number) => ErrorCode | undefined, name: string) => {
    const runs = starts.map((startedAt) => {
      const code = codes(startedAt);
      return code ? failed(startedAt, code, name) : buildRun({ monitorId, startedAt });
    });
    await ingest(db, await customer.buildSentinel({ enrolled_at: began }), runs, now);
  };
  const [first, second] = [began + dayMs, began + 2 * dayMs];
  await report((at) => ({ [first]: 'TIMEOUT' as const, [second]: 'ASSERTION' as const })[at], 'Login');
  await report(() => 'TIMEOUT', 'Pay'); // it never passed
  await report((at) => (at > first ? 'TIMEOUT' : undefined), 'Pay'); // not for long
  await rollUpDirty(db);
  await closeHours(db, now);

  const spans: number[] = [];
  db.on('query', ({ sql, bindings }: { sql: string; bindings: unknown[] }) => {
    if (!/error_code. is not null|outcome. = .*sentinel_id. = .* desc/.test(sql)) return;
    const times = bindings.filter((value): value is number => Number(value) === value && value >= began);
    spans.push(times.length < 2 ? Number.POSITIVE_INFINITY : Math.max(...times) - Math.min(...times));
  });
  const seen = await monitor(db, monitorId, { from: began, to: now }, now);
  db.removeAllListeners('query');

  assert.deepEqual([seen?.state, seen?.trouble?.since], ['failing', began]);
  const afterFirst = starts.filter((at) => at > first).length;
  assert.equal(seen?.trouble?.count, starts.length + afterFirst);
  assert.equal(seen?.transactions.find(({ name }) => name === 'Login')?.lastErrorCode, 'ASSERTION');
  assert.ok(spans.length >= 5, `${spans.length} such questions`);
  assert.ok(Math.max(...spans) < 3 * dayMs, `${spans.map((ms) => ms / dayMs)} days were read`);
});
