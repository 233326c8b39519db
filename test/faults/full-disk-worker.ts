import fs from 'node:fs';
import path from 'node:path';
import { buildFile, buildRun } from '../../sentinel/build-run.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { openSeal } from '../../sentinel/seal.ts';
import { Spool } from '../../sentinel/spool/spool.ts';
import { SpoolLedger } from './spool-ledger.ts';

/*
 * For tests, as a program: `full-disk-worker.ts FOLDER ROUNDS` on a small file system of its own. Each round something
 * else fills it, the spool is asked for more than fits, there is room again. Prints what was found, as JSON.
 */

const [folder = '', rounds = '1'] = process.argv.slice(2);
const [home, filler] = [path.join(folder, 'home'), path.join(folder, 'filler')];
const ledger = new SpoolLedger();
const faults: string[] = [];
const figures = {
  rounds: 0,
  runsConfirmed: 0,
  confirmedWhileFull: 0,
  refused: 0,
  evidenceDropped: 0,
  notOpenedWhileFull: 0,
};

fs.mkdirSync(home);
for (let round = 1; round <= Number(rounds); round++) {
  {
    using spool = open();
    for (let i = 0; i < 8; i++) add(spool, 20_000);
    fill();
    const whileFull = Array.from({ length: 30 }, () => add(spool, 20_000));
    figures.confirmedWhileFull += whileFull.filter((isStored) => isStored).length;
    if (spool.depth().droppedEvidence === figures.evidenceDropped)
      faults.push(`round ${round}: the disk never was full`);
  }
  openWhileFull();
  fs.rmSync(filler);
  using spool = open();
  if (!add(spool, 100)) faults.push(`round ${round}: nothing can be stored although there is room again`);
  for (const fault of ledger.faults(home)) faults.push(`round ${round}: ${fault}`);
  const { dropped, droppedEvidence } = spool.depth();
  if (dropped > 0) faults.push(`round ${round}: ${dropped} runs were dropped`);
  figures.evidenceDropped = droppedEvidence;
  deliver(spool);
  figures.rounds++;
}
figures.runsConfirmed = ledger.confirmed;
console.log(JSON.stringify({ faults: faults.slice(0, 20), figures }));

function open(): Spool {
  return new Spool({ file: path.join(home, 'spool.sqlite'), seal: openSeal(home, 'spool') });
}

/** A sentinel that starts on a full disk may have to end at once; it may not harm what is there. */
function openWhileFull(): void {
  try {
    open()[Symbol.dispose]();
  } catch {
    figures.notOpenedWhileFull++;
  }
  if (fs.globSync('*.damaged*', { cwd: home }).length > 0) faults.push('a full disk was taken for a damaged file');
}

/** Whether the spool has confirmed a run with a file of so many bytes. */
function add(spool: Spool, bytes: number): boolean {
  const run = buildRun({ browser: 'x'.repeat(200) });
  const missing = { ...run, evidence: [], evidenceMissing: "the sentinel's disk was full" };
  try {
    spool.add(run, [buildFile(bytes)]);
    const kept = spool.oldestRuns(100_000, 1e9).find(({ id }) => id === run.id);
    const isBare = kept?.evidenceMissing !== undefined;
    const line = `${run.id} ${sha256Hex(JSON.stringify(isBare ? missing : run))}`;
    ledger.hear(`offers ${line}\nhas ${line}\n`);
    return true;
  } catch {
    figures.refused++;
    return false;
  }
}

/** As after an hour without a server. */
function deliver(spool: Spool): void {
  const ids = spool.oldestRuns(100_000, 1e9).map(({ id }) => id);
  spool.acknowledge(ids);
  ledger.hear(`leaving ${ids.join(' ')}\nleft ${ids.join(' ')}\n`);
  for (let file = spool.nextEvidence(); file; file = spool.nextEvidence()) {
    spool.acknowledgeEvidence(file.runId, file.sha256);
  }
}

/** Takes all the room there is. */
function fill(): void {
  const file = fs.openSync(filler, 'w');
  for (let size = 65_536; size >= 512; ) {
    try {
      if (fs.writeSync(file, Buffer.alloc(size)) < size) size /= 2;
    } catch {
      size /= 2;
    }
  }
  fs.closeSync(file);
}
