import { buildRun } from './build-run.ts';
import type { Runner, RunRequest, RunResult } from './runner/runner.ts';

/** For tests: a runner that runs nothing, notes what it was asked, and answers as told (a run that passed). */
export class FakeRunner implements Runner {
  readonly sandboxLevel = 3;
  readonly browser = 'FakeBrowser 1';
  readonly requests: RunRequest[] = [];
  /** How often it was told that a run is due soon. */
  prepared = 0;
  disposed = false;
  /** Until when it puts away what its runs used. */
  resting = Promise.resolve();
  readonly #answer: (request: RunRequest, signal: AbortSignal) => Promise<Partial<RunResult>>;

  constructor(answer: (request: RunRequest, signal: AbortSignal) => Promise<Partial<RunResult>> = async () => ({})) {
    this.#answer = answer;
  }

  prepare(): void {
    this.prepared++;
  }

  async run(request: RunRequest, signal: AbortSignal): Promise<RunResult> {
    this.requests.push(request);
    const { id, monitorId, dueAt, statement } = request;
    const { run, files } = await this.#answer(request, signal);
    const script = { scriptSha256: statement.bundleSha256, scriptVersion: statement.version };
    return { run: buildRun({ id, monitorId, dueAt, startedAt: Date.now(), ...script, ...run }), files: files ?? [] };
  }

  rested(): Promise<void> {
    return this.resting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
  }
}
