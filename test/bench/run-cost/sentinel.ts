import '../../../sentinel/thrift.ts';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAssignment } from '../../../sentinel/build-assignment.ts';
import { Problems } from '../../../sentinel/problems.ts';
import { type Assignment, EvidencePolicy, ScriptStatement } from '../../../sentinel/protocol/messages.ts';
import { lastDueAt, shift } from '../../../sentinel/protocol/schedule.ts';
import { sha256Hex } from '../../../sentinel/protocol/statement.ts';
import { openRunner } from '../../../sentinel/runner/runner.ts';
import { IdleProcessors } from '../../../sentinel/schedule/idle-processors.ts';
import { scheduleLoop } from '../../../sentinel/schedule/loop.ts';
import { openRunners } from '../../../sentinel/schedule/runners.ts';
import { openSeal } from '../../../sentinel/seal.ts';
import { Memory } from '../../../sentinel/spool/memory.ts';
import { Spool } from '../../../sentinel/spool/spool.ts';
import { Wake } from '../../../sentinel/wake.ts';

/**
 * The sentinel without its server: schedule, runner and spool are the real ones. Told to run by a message, it has a monitor
 * due some seconds later, and answers with the time from when the run was due to when it was safe on disk.
 */

const { SHOP_URL = '', SHOP_PASSWORD = '', BENCH_BROWSER = '', BENCH_FOLDER: folder = '' } = process.env;
const everyMs = 60_000;
/** Each of these monitors is new, and the first run of one takes pictures: what is measured is a run like most. */
const evidence = EvidencePolicy.parse({ whenPassed: 'never' });
const sentinelId = randomUUID();
const code = readFileSync(join(folder, 'login.bundle.js'), 'utf8');
const spool = new Spool({ file: join(folder, 'spool.sqlite'), seal: openSeal(folder, 'spool') });
const memory = new Memory(spool.file);
const settings = { folder: join(folder, 'runner'), browser: BENCH_BROWSER, allowRoot: true, log: () => {} };
const runners = await openRunners(openRunner, settings, 1);
if (runners.sandboxLevel !== 3) throw new Error('this machine does not give sandbox level 3: is bubblewrap installed?');
const stop = new AbortController();
const wake = new Wake();
let assigned: Assignment[] = [];
let dueAt = 0;

process.on('message', () => {
  const assignment = dueSoon();
  memory.begun(assignment.monitorId, dueAt - everyMs);
  assigned = [assignment];
  wake.ring();
});
process.once('disconnect', () => stop.abort());
process.send?.({ ready: true });

await scheduleLoop(
  {
    ...{ sentinelId, memory, spool, runners, wake },
    processors: new IdleProcessors(),
    keeper: {
      current: () => assigned,
      trials: () => [],
      trust: ({ script }) => ({ ok: true, statement: ScriptStatement.parse(JSON.parse(script.statement)) }),
    },
    scripts: { load: () => ({ state: 'here', code }) },
    vault: { secret: () => SHOP_PASSWORD },
    problems: new Problems((all) => all.length > 0 && console.error(all.join('\n'))),
    clock: { clockOffsetMs: 0, clockMark: '', offsetAt: () => 0 },
    onStored: stored,
    log: (line) => console.error(line),
  },
  stop.signal,
);
await runners[Symbol.asyncDispose]();
spool[Symbol.dispose]();

function stored(): void {
  const wallMs = Date.now() - dueAt;
  assigned = [];
  const [run] = spool.oldestRuns(1, Number.MAX_SAFE_INTEGER);
  spool.acknowledge(run ? [run.id] : []);
  process.send?.(run?.outcome === 'passed' ? { wallMs } : { fault: run?.error?.message ?? 'no run was stored' });
}

/** An assignment whose next time falls some seconds from now, as the id decides on which second of a minute it runs. */
function dueSoon(): Assignment {
  const soon = Date.now() + 4500;
  for (;;) {
    const monitorId = randomUUID();
    dueAt = lastDueAt({ everyMs }, shift({ everyMs }, monitorId, sentinelId), soon);
    if (dueAt < soon - 500) continue;
    const host = new URL(SHOP_URL).host;
    const statement = { bundleSha256: sha256Hex(code), hosts: [host], secrets: ['SHOP_PASSWORD'] };
    return buildAssignment(
      { monitorId, schedule: { everyMs }, use: { baseURL: SHOP_URL }, secrets: ['SHOP_PASSWORD'], evidence },
      statement,
    );
  }
}
