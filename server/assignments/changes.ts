import type { CustomerId } from '../../db/customers.ts';
import type { AssignmentChangeRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { LastingFault } from '../http/lasting-fault.ts';

/** How often the registry is asked for what other processes changed (ms): news is to be with sentinels within a second. */
export const lookEveryMs = 500;
/** Whoever was cut off from the registry for longer than that has asked for everything anew (ms). */
const keptMs = 3_600_000;

/**
 * Tells whoever waits for it, in this process and in others, that something changed about what the sentinels of a
 * customer are to do or whether they may ask; null: of every customer. To be called once it is committed.
 */
export async function tellChange(server: ServerContext, customerId: CustomerId | null): Promise<void> {
  server.events.emit('assignmentsChanged', customerId);
  const at = server.now();
  const changes = () => server.registry<AssignmentChangeRow>('assignment_changes');
  await changes().insert({ customer_id: customerId, at });
  await changes()
    .where('at', '<', at - keptMs)
    .delete();
}

/** Passes on what other processes changed. */
export class ChangeWatch {
  readonly #server: ServerContext;
  readonly #timer: NodeJS.Timeout;
  readonly #fault: LastingFault;
  /** The last change that was seen; none before the first look, which only finds out where to begin. */
  #seen: number | undefined;
  #looking: Promise<void> | undefined;

  constructor(server: ServerContext) {
    this.#server = server;
    this.#fault = new LastingFault(server.log, 'the registry could not be asked what changed');
    this.#timer = setInterval(() => this.#lookOnce(), lookEveryMs);
    this.#lookOnce();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #lookOnce(): void {
    this.#looking ??= this.#look()
      .then(
        () => this.#fault.over(),
        (error) => this.#fault.met(error),
      )
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #look(): Promise<void> {
    const { registry, events } = this.#server;
    const changes = registry<AssignmentChangeRow>('assignment_changes').orderBy('id');
    if (this.#seen === undefined) {
      this.#seen = (await changes.clear('order').max('id', { as: 'id' }).first())?.id ?? 0;
      return;
    }
    const rows: AssignmentChangeRow[] = await changes.where('id', '>', this.#seen).select();
    for (const id of new Set(rows.map((row) => row.customer_id))) events.emit('assignmentsChanged', id);
    this.#seen = rows.at(-1)?.id ?? this.#seen;
  }
}
