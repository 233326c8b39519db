import { newRunId } from '../protocol/run-id.ts';
import type { DetailedResult, DetailedRunner } from '../runner/runner.ts';
import type { Due } from '../schedule/due.ts';
import { type Prepared, prepare } from '../schedule/prepare.ts';
import { unstarted } from '../schedule/unstarted.ts';
import { assignmentOf, type Wishes } from './assignment.ts';
import { openReport, type Report, type ReportOptions } from './report.ts';
import { type HereOptions, openRunnerHere, runHere } from './run-here.ts';
import { type Bundler, readScript } from './script.ts';
import { secretsFrom } from './values.ts';

export interface TryOptions extends Wishes, HereOptions, ReportOptions {
  envFile?: string;
}

export interface Surroundings {
  home: string;
  /** Only a checkout has one. */
  bundler: Bundler | undefined;
}

/** As a shell says of what was ended by Ctrl-C. */
const stopped = 130;
const exitCodes = { passed: 0, skipped: 0, failed: 1, errored: 2 } as const;

/**
 * Runs a script on this device as its sentinel would, with no server, and prints what it found. Resolves with the exit
 * code, the worst of its runs; rejects with a sentence if nothing could be run. Leaves nothing behind but evidence.
 */
export async function tryScript(
  file: string,
  options: TryOptions,
  { home, bundler }: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  const script = await readScript(file, bundler);
  const { assignment, statement } = assignmentOf(file, script, options);
  const due: Due = { assignment, dueAt: Date.now() };
  const prepared = prepare(due, newRunId(due.dueAt), {
    trusted: { ok: true, statement },
    bundle: () => ({ state: 'here', code: script.code }),
    secret: secretsFrom(options.envFile, home),
    sandboxLevel: assignment.minSandboxLevel, // any will do: the run tells which it was
  });
  const report = openReport(file, script, options);
  if (prepared.kind !== 'ready') {
    const result = notRun(due, prepared);
    report.end(result);
    return exitCodes[result.run.outcome];
  }
  await using runner = await openRunnerHere(options, home);
  const runs = await repeated(runner, due, prepared, options, report, signal);
  report.close();
  return signal.aborted ? stopped : Math.max(...runs.map(({ outcome }) => exitCodes[outcome]));
}

async function repeated(
  runner: DetailedRunner,
  due: Due,
  { request }: Extract<Prepared, { kind: 'ready' }>,
  options: TryOptions,
  report: Report,
  signal: AbortSignal,
): Promise<DetailedResult['run'][]> {
  const runs: DetailedResult['run'][] = [];
  while (runs.length < options.repeat) {
    report.begin();
    const now = Date.now();
    const result = await runHere(
      runner,
      due,
      { ...request, id: newRunId(now), dueAt: now },
      report.transaction,
      signal,
    );
    if (signal.aborted) break; // what was cut off says nothing of the script
    report.end(result);
    runs.push(result.run);
  }
  return runs;
}

function notRun(due: Due, prepared: Exclude<Prepared, { kind: 'ready' }>): DetailedResult {
  if (prepared.kind === 'waiting') throw new Error('a script that is here was waited for');
  const { code } = prepared;
  const more =
    code === 'SECRET_MISSING'
      ? ', or write NAME=value into a file and name that with --env-file; what is no secret can be given with --variable'
      : '';
  const message = prepared.message + more;
  const run = unstarted(due, newRunId(due.dueAt), due.dueAt, 0, { outcome: 'errored', code, message });
  return { run, files: [], tests: [] };
}
