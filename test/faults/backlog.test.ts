import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { buildHome } from '../../sentinel/build-home.ts';
import { buildFile, buildRun } from '../../sentinel/build-run.ts';
import { openSeal } from '../../sentinel/seal.ts';
import { Spool } from '../../sentinel/spool/spool.ts';

const backlogMib = process.env.VEDETTE_LONG ? 1024 : 32;
const fileBytes = 2 * 1024 * 1024 - 100;
const worker = path.join(import.meta.dirname, 'backlog-worker.ts');
const Told = z.object({ runs: z.int(), firstBatchMs: z.number(), peakMib: z.number(), restMib: z.number() });

test('however much waits in the spool, what it takes to open and send it does not grow with it', async (t) => {
  using home = buildHome();
  const count = backlogMib / 2;
  {
    const bounds = { maxBytes: 2 ** 32, maxAgeMs: 1e12 };
    const file = path.join(home.folder, 'spool.sqlite');
    using spool = new Spool({ file, seal: openSeal(home.folder, 'spool'), bounds });
    for (let i = 0; i < count; i++) spool.add(buildRun(), [buildFile(fileBytes)]);
  }
  const { stdout } = await promisify(execFile)(process.execPath, [worker, home.folder]);
  const told = Told.parse(JSON.parse(stdout));
  t.diagnostic(stdout.trim());
  assert.equal(told.runs, Math.min(100, count));
  assert.ok(told.peakMib < 256, stdout);
});
