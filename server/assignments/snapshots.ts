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
  /** As soon as it is there. */
  taken?: Snapshot;
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

  /** What is known already. */
  known({ sentinelId, customerId }: AskingSentinel): MarkedAssignments | undefined {
    const kept = this.#kept.get(customerId);
    return kept && isFresh(kept) ? kept.taken?.of(sentinelId) : undefined;
  }

  async of({ sentinelId, customerId }: AskingSentinel): Promise<MarkedAssignments> {
    return (await this.#of(customerId)).of(sentinelId);
  }

  #of(id: CustomerId): Promise<Snapshot> {
    const known = this.#kept.get(id);
    const kept = known && isFresh(known) ? known : this.#take(id);
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest) this.#kept.delete(oldest);
    return kept.snapshot;
  }

  #take(id: CustomerId): Kept {
    const kept: Kept = { since: performance.now(), snapshot: takeSnapshot(this.#server, id) };
    kept.snapshot.then(
      (snapshot) => {
        kept.taken = snapshot;
      },
      () => this.#forget(id, kept), // whoever asked hears of it
    );
    return kept;
  }

  #forget(id: CustomerId, kept: Kept): void {
    if (this.#kept.get(id) === kept) this.#kept.delete(id);
  }
}

function isFresh({ since }: Kept): boolean {
  return performance.now() - since < keptMs;
}
