import { join } from 'node:path';
import { customerId, scriptKey } from '../sentinel/build-assignment.ts';
import { buildHome } from '../sentinel/build-home.ts';
import { Problems } from '../sentinel/problems.ts';
import type { Assignment, Run } from '../sentinel/protocol/messages.ts';
import { sha256Hex } from '../sentinel/protocol/statement.ts';
import { type ScheduleSettings, scheduleLoop } from '../sentinel/schedule/loop.ts';
import { trustScript } from '../sentinel/script-trust.ts';
import { openSeal } from '../sentinel/seal.ts';
import { Memory } from '../sentinel/spool/memory.ts';
import { Spool } from '../sentinel/spool/spool.ts';
import { Wake } from '../sentinel/wake.ts';

interface Scheduled extends Pick<ScheduleSettings, 'runners' | 'processors'> {
  assignments: Assignment[];
  /** The bundle of all of them. */
  code: string;
  secrets?: Record<string, string>;
}

/** Runs monitors through a sentinel's own schedule and spool, and gives each run when it is stored, until `stop` aborts. */
export async function* runSchedule(
  { assignments, code, secrets = {}, ...given }: Scheduled,
  stop: AbortController,
): AsyncGenerator<Run> {
  using home = buildHome();
  using spool = new Spool({ file: join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
  const news = new Wake();
  const running = scheduleLoop(
    {
      ...given,
      sentinelId: '99999999-2222-4333-8444-555555555555',
      keeper: {
        current: () => assignments,
        trials: () => [],
        trust: (a) => trustScript(a, { keys: [scriptKey], customerId, highestVersion: () => 0 }),
      },
      scripts: { load: (sha256) => (sha256Hex(code) === sha256 ? { state: 'here', code } : { state: 'altered' }) },
      vault: { secret: (name) => secrets[name] },
      memory: new Memory(spool.file),
      problems: new Problems(),
      wake: new Wake(),
      spool,
      clock: { clockOffsetMs: 0, clockMark: '', offsetAt: () => 0 },
      onStored: () => news.ring(),
      log: () => {},
    },
    stop.signal,
  );
  try {
    while (!stop.signal.aborted) {
      await news.wait(1000, stop.signal);
      const runs = spool.oldestRuns(1000, 1e9);
      spool.acknowledge(runs.map(({ id }) => id));
      yield* runs;
    }
  } finally {
    stop.abort();
    await running;
  }
}
