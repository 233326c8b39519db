import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import type { AskingSentinel } from '../http/sentinel-auth.ts';
import { type MarkedAssignments, type Snapshot, takeSnapshot } from './assignments.ts';

/** Should a change not be told, because a process died in between: it is found so much later (ms). */
const keptMs = 60_000;
/** Customers whose snapshot is kept, those asked for last. */
const mostKept = 500;

interface Kept {
  /** On a clock that never steps, ms. */
  since: number;
  snapshot: Promise<Snapshot>;
}

/** What the sentinels of each customer are to do, read once for all of them after each change. */
export class Snapshots {
  readonly #server: ServerContext;
  readonly #kept = new Map<CustomerId, Kept>(); // in order of use, longest ago first

  constructor(server: ServerContext) {
    this.#server = server;
    server.events.on('assignmentsChanged', (id) => {
      if (id === null) this.#kept.clear();
      else this.#kept.delete(id);
    });
  }

  async of({ sentinelId, customerId }: AskingSentinel): Promise<MarkedAssignments> {
    return (await this.#of(customerId)).of(sentinelId);
  }

  #of(id: CustomerId): Promise<Snapshot> {
    const now = performance.now();
    const known = this.#kept.get(id);
    const isFresh = known !== undefined && now - known.since < keptMs;
    const kept = isFresh ? known : { since: now, snapshot: takeSnapshot(this.#server, id) };
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    if (!isFresh) kept.snapshot.catch(() => this.#forget(id, kept)); // whoever asked hears of it
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest) this.#kept.delete(oldest);
    return kept.snapshot;
  }

  #forget(id: CustomerId, kept: Kept): void {
    if (this.#kept.get(id) === kept) this.#kept.delete(id);
  }
}
