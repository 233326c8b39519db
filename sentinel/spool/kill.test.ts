import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { buildHome } from '../build-home.ts';
import { openSeal } from '../seal.ts';
import { Spool } from './spool.ts';

const rounds = 5;

/** A process that stores runs as fast as it can and says the id of each one that the spool has confirmed. */
const source = `
  import { buildFile, buildRun } from ${JSON.stringify(path.join(import.meta.dirname, '../build-run.ts'))};
  import { openSeal } from ${JSON.stringify(path.join(import.meta.dirname, '../seal.ts'))};
  import { Spool } from ${JSON.stringify(path.join(import.meta.dirname, 'spool.ts'))};
  import fs from 'node:fs';
  const home = process.argv[1];
  const spool = new Spool({ file: home + '/spool.sqlite', seal: openSeal(home, 'spool') });
  for (;;) { const run = buildRun(); spool.add(run, [buildFile(2000)]); fs.writeSync(1, run.id + '\\n'); }`;

test('no confirmed run is lost when the process is killed while it stores', async () => {
  using home = buildHome();
  const confirmed: string[] = [];
  for (let round = 1; round <= rounds; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', source, home.folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const before = confirmed.length;
    const killAfter = 5 + Math.floor(Math.random() * 40);
    for await (const id of createInterface(child.stdout)) {
      confirmed.push(id);
      if (confirmed.length - before === killAfter) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    using spool = new Spool({ file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
    const present = new Set(spool.oldestRuns(100_000, Number.MAX_SAFE_INTEGER).map((run) => run.id));
    assert.deepEqual(
      confirmed.filter((id) => !present.has(id)),
      [],
    );
    // killed between the commit and the word about it, a run may be there unconfirmed: at most one a round
    assert.ok(present.size - confirmed.length <= round);
    assert.equal(spool.depth().damaged, 0);
  }
});
