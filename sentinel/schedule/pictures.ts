import type { Outcome } from '../protocol/messages.ts';
import { sha256Hex } from '../protocol/statement.ts';
import type { RunRequest } from '../runner/runner.ts';
import type { Memory } from '../spool/memory.ts';

const dayMs = 86_400_000;

/**
 * When a run is to take pictures although all goes well, to be compared with those of a failure: where its monitor has
 * none of what it now runs, and then once a day; not while the monitor goes wrong, which would take them for nothing.
 */
export class Pictures {
  readonly #memory: Pick<Memory, 'picture' | 'pictured'>;
  /** Monitors whose last run here went wrong. */
  readonly #wrong = new Set<string>();

  constructor(memory: Pick<Memory, 'picture' | 'pictured'>) {
    this.#memory = memory;
  }

  /** At `now`, ms. */
  areDue(request: RunRequest, now: number): boolean {
    const { monitorId, evidence } = request;
    if (evidence.screenshot === 'none' || evidence.whenPassed === 'never' || this.#wrong.has(monitorId)) return false;
    const last = this.#memory.pictured(monitorId);
    return last?.of !== shownBy(request) || Math.abs(now - last.at) >= dayMs;
  }

  /** A run has ended; where it passed there is no other try before the next day, whatever it could take. */
  ended(request: RunRequest, outcome: Outcome, now: number): void {
    if (outcome === 'failed' || outcome === 'errored') this.#wrong.add(request.monitorId);
    if (outcome !== 'passed') return;
    this.#wrong.delete(request.monitorId);
    if (!request.picturesWhenPassed) return;
    try {
      this.#memory.picture(request.monitorId, shownBy(request), now);
    } catch {
      // a disk that takes nothing: the next run takes pictures once more
    }
  }
}

/** What decides on what its pictures show. */
function shownBy({ statement, use, maskSelectors, evidence }: RunRequest): string {
  const { quality, width } = evidence;
  return sha256Hex(JSON.stringify([statement.bundleSha256, use, maskSelectors, quality, width]));
}
