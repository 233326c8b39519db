import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { sweepProfiles } from '../runner/browser/profile.ts';
import { namesIn } from '../runner/names-in.ts';
import type { Runner, RunnerSettings } from '../runner/runner.ts';

/** One run to two processors: a page and the script that drives it keep more than one busy. */
export function usualConcurrency(processors = availableParallelism()): number {
  return Math.max(1, Math.floor(processors / 2));
}

/** All runners of a sentinel; as one they are what each of them is. */
export interface Runners extends Pick<Runner, 'sandboxLevel' | 'browser'>, AsyncDisposable {
  readonly all: readonly Runner[];
}

/** In the folder of all runners. */
export const librariesName = 'libraries';

/**
 * Opens `count` runners, each with a folder and a browser of its own; what their children load is shared. What earlier ones
 * left in `folder` goes.
 */
export async function openRunners(
  openRunner: (settings: RunnerSettings) => Promise<Runner>,
  { folder, ...settings }: RunnerSettings,
  count: number,
): Promise<Runners> {
  const names = Array.from({ length: count }, (_, i) => `runner-${i + 1}`);
  sweepOthers(folder, [librariesName, ...names]);
  await using opened = new AsyncDisposableStack();
  const all: Runner[] = [];
  const shared = { libraries: path.join(folder, librariesName), ...settings };
  for (const name of names) all.push(opened.use(await openRunner({ ...shared, folder: path.join(folder, name) })));
  const whole = opened.move();
  return {
    all,
    sandboxLevel: all[0]?.sandboxLevel ?? 1,
    get browser() {
      return all.find((runner) => runner.browser !== undefined)?.browser;
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}

/** A runner sweeps its own folder; those of a sentinel that had more of them would stay. */
function sweepOthers(folder: string, names: readonly string[]): void {
  sweepProfiles(folder);
  for (const name of namesIn(folder)) {
    if (names.includes(name)) continue;
    const left = path.join(folder, name);
    sweepProfiles(left);
    rmSync(left, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}
