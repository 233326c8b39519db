import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { displayOf, librariesFolder } from '../config.ts';
import type { TransactionResult } from '../protocol/messages.ts';
import { type DetailedResult, type DetailedRunner, openRunner, type RunRequest } from '../runner/runner.ts';
import type { Due } from '../schedule/due.ts';
import { runOnce } from '../schedule/run-once.ts';
import { librariesName } from '../schedule/runners.ts';
import { CannotTry } from './cannot-try.ts';

export interface HereOptions {
  browser?: string;
  /** Shows the browser on this user's screen. */
  headed?: boolean;
  allowRoot?: boolean;
}

/** A runner with a folder that is gone with it. What the sentinel of `home` has made ready for its children serves here too. */
export async function openRunnerHere(
  { browser, headed, allowRoot = false }: HereOptions,
  home: string,
): Promise<DetailedRunner> {
  const own = path.join(home, 'runner', librariesName);
  const libraries = librariesFolder() ?? (existsSync(own) ? own : undefined);
  const more = {
    ...(browser ? { browser } : {}),
    ...(headed ? { display: screen() } : {}),
    ...(libraries === undefined ? {} : { libraries }),
  };
  const folder = mkdtempSync(path.join(tmpdir(), 'vedette-try-'));
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  try {
    const runner = await openRunner({ folder, allowRoot, log: () => {}, ...more });
    const dispose = async () => {
      await runner[Symbol.asyncDispose]();
      remove();
    };
    return { ...runner, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    remove();
    throw error;
  }
}

/** One run as the schedule does it; tells of each transaction when it ends. */
export async function runHere(
  runner: DetailedRunner,
  due: Due,
  request: RunRequest,
  onTransaction: (transaction: TransactionResult) => void,
  signal: AbortSignal,
): Promise<DetailedResult> {
  let tests: DetailedResult['tests'] = [];
  const run = async (asked: RunRequest, stop: AbortSignal) => {
    const result = await runner.run(asked, stop, onTransaction);
    tests = result.tests;
    return result;
  };
  const result = await runOnce({ ...runner, run }, due, request, signal);
  return { ...result, tests };
}

function screen(): Record<string, string> {
  const display = displayOf();
  if (display) return display;
  throw new CannotTry(
    'there is no screen to show the browser on (DISPLAY is not set): leave --headed out, or put `xvfb-run` before the command',
  );
}
