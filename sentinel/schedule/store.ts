import type { Link } from '../link/link.ts';
import type { Problems } from '../problems.ts';
import type { RunResult } from '../runner/runner.ts';
import type { Spool } from '../spool/spool.ts';
import { pause } from '../wake.ts';

/** Before the next try to store a run. */
const againMs = 1000;

export interface StoreSettings {
  spool: Pick<Spool, 'add'>;
  problems: Problems;
  clock: Pick<Link, 'clockOffsetMs' | 'clockMark' | 'offsetAt'>;
  /** Told of each run that is safe in the spool. */
  onStored(): void;
  log(line: string): void;
}

/** Puts a run that began at `mark` into the spool, however long that takes; false if `signal` aborts before: the run is lost, and was never confirmed. */
export async function store(
  { run, files }: RunResult,
  mark: string,
  { spool, problems, clock, onStored, log }: StoreSettings,
  signal: AbortSignal,
): Promise<boolean> {
  const clockOffsetMs = clock.offsetAt(mark);
  const measured = clockOffsetMs === undefined ? run : { ...run, clockOffsetMs };
  const open = clockOffsetMs === undefined ? mark : undefined;
  for (;;) {
    try {
      spool.add(measured, files, open);
      problems.set('spool', undefined);
      onStored();
      return true;
    } catch (error) {
      const why = `runs can't be stored: ${error instanceof Error ? error.message : error}. Free disk space or check the disk.`;
      problems.set('spool', why);
      log(why);
      if (signal.aborted) return false;
      await pause(againMs, signal);
    }
  }
}
