import { buildFile, buildRun } from '../../sentinel/build-run.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import type { Runner, RunRequest, RunResult } from '../../sentinel/runner/runner.ts';
import { pause } from '../../sentinel/wake.ts';
import { type Chance, uuidOf } from './chance.ts';

const shortestMs = 200;
const longestMs = 15_000;
/** Shares of runs that fail, and of those that no server will ever take. */
const failing = 0.25;
const poisoned = 0.03;
const largestFile = 6000;

/** A runner whose runs come to what chance decides. */
export class ChanceRunner implements Runner {
  readonly sandboxLevel = 3;
  readonly browser = undefined;
  readonly #chance: Chance;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  prepare(): void {}

  async run({ id, monitorId, dueAt, statement }: RunRequest, signal: AbortSignal): Promise<RunResult> {
    const startedAt = Date.now();
    await pause(this.#chance.between(shortestMs, longestMs), signal);
    signal.throwIfAborted();
    const script = { scriptSha256: statement.bundleSha256, scriptVersion: statement.version };
    const run = buildRun({ id, monitorId, dueAt, startedAt, ...script });
    if (this.#chance.hit(poisoned)) return { run: { ...run, monitorId: uuidOf(this.#chance) }, files: [] };
    return this.#chance.hit(failing) ? this.#failed(run) : { run, files: [] };
  }

  async rested(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  #failed(run: Run): RunResult {
    const file = buildFile(this.#chance.between(100, largestFile));
    const { sha256, mediaType, content } = file;
    const evidence = [{ kind: 'screenshot' as const, sha256, bytes: content.length, mediaType }];
    const error = { code: 'ASSERTION' as const, message: 'not as expected' };
    return { run: { ...run, outcome: 'failed', error, evidence }, files: [file] };
  }
}
