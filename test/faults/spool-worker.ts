import fs from 'node:fs';
import path from 'node:path';
import { buildFile, buildRun } from '../../sentinel/build-run.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { openSeal } from '../../sentinel/seal.ts';
import { type EvidenceFile, Spool } from '../../sentinel/spool/spool.ts';

/*
 * For tests, as a program: `spool-worker.ts HOME [COUNT]` does all that is done to a spool, COUNT times or for ever, and
 * says what it is about to do and what it has been told is done. What it can't do it tries again, as a sentinel does.
 */

const mostTries = 20;
const [home = '', count = 'Infinity'] = process.argv.slice(2);
using spool = new Spool({ file: path.join(home, 'spool.sqlite'), seal: openSeal(home, 'spool') });

for (let i = 1; i <= Number(count); i++) {
  const run = buildRun();
  store(run, [buildFile(2000)]);
  if (i % 3 === 0) acknowledge(spool.oldestRuns(2, 1e6).map(({ id }) => id));
  if (i % 5 === 0) reject(run.id);
}

function store(run: Run, files: EvidenceFile[]): void {
  const line = `${run.id} ${sha256Hex(JSON.stringify(run))}`;
  say(`offers ${line}`);
  again(() => spool.add(run, files));
  say(`has ${line}`);
}

function acknowledge(ids: string[]): void {
  say(`leaving ${ids.join(' ')}`);
  again(() => spool.acknowledge(ids));
  say(`left ${ids.join(' ')}`);
  const file = spool.nextEvidence();
  if (file) again(() => spool.acknowledgeEvidence(file.runId, file.sha256));
}

function reject(id: string): void {
  again(() => spool.reject(id, 'the server will not have it'));
}

function again(work: () => void): void {
  for (let tries = 1; ; tries++) {
    try {
      work();
      return;
    } catch (error) {
      say(`failed ${error instanceof Error ? error.message : error}`);
      if (tries === mostTries) throw error;
    }
  }
}

/** In one write that nothing can keep back: what is said is known, whatever happens next. */
function say(line: string): void {
  fs.writeSync(1, `${line}\n`);
}
