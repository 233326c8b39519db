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

/*
 * The spool of a sentinel is bounded to 256 MiB; here it is let grow beyond. The worker is started as the installed program
 * starts Node. What is left of the memory of files that were sent goes back when Node finds time for it, so that the
 * largest files take most.
 */

const mib = 1024 * 1024;
/** What is read at a time, as large as a usual screenshot and as large as it may be, and how much memory that may take. */
const drills = process.env.VEDETTE_LONG
  ? [
      { backlogMib: 1024, fileBytes: 200_000, mostMib: 150 },
      { backlogMib: 1024, fileBytes: 2 * mib - 100, mostMib: 192 },
    ]
  : [{ backlogMib: 32, fileBytes: 200_000, mostMib: 150 }];
const filesOfRun = 64;
const flags = ['--max-semi-space-size=1'];
const memory = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '65536' };
const worker = path.join(import.meta.dirname, 'backlog-worker.ts');
const Told = z.object({ runs: z.int(), firstBatchMs: z.number(), peakMib: z.number(), restMib: z.number() });

for (const { backlogMib, fileBytes, mostMib } of drills) {
  const name = `${backlogMib} MiB in files of ${Math.round(fileBytes / 1000)} kB`;
  test(`a spool of ${name} is opened and sent with at most ${mostMib} MiB of memory`, async (t) => {
    using home = buildHome();
    const runs = Math.ceil((backlogMib * mib) / fileBytes / filesOfRun);
    {
      const bounds = { maxBytes: 2 ** 32, maxAgeMs: 1e12 };
      const file = path.join(home.folder, 'spool.sqlite');
      using spool = new Spool({ file, seal: openSeal(home.folder, 'spool'), bounds });
      const files = () => Array.from({ length: filesOfRun }, () => buildFile(fileBytes));
      for (let i = 0; i < runs; i++) spool.add(buildRun(), files());
    }
    const env = { ...process.env, ...memory };
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, worker, home.folder], { env });
    const told = Told.parse(JSON.parse(stdout));
    t.diagnostic(stdout.trim());
    assert.equal(told.runs, Math.min(100, runs));
    assert.ok(told.peakMib < mostMib, stdout);
  });
}
