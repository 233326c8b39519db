import { setImmediate as turn } from 'node:timers/promises';
import type { CustomerRow, SentinelKeyRow } from '../../db/registry/rows.ts';
import type { ServerContext } from './context.ts';

/** A key, and whether its customer is let in. */
type Key = SentinelKeyRow & Pick<CustomerRow, 'suspended_at'>;

/** Keys in one statement; engines take a thousand and more. */
const atOnce = 500;

/**
 * Looks API keys up, those asked for in one turn of the event loop by one statement: after a restart ten thousand come in
 * twenty seconds, and a statement for each would be most of what letting them in costs.
 */
class KeyLookups {
  readonly #server: ServerContext;
  #asked: Promise<Map<string, Key>> | undefined;
  #hashes = new Set<string>();

  constructor(server: ServerContext) {
    this.#server = server;
  }

  /** The key of this hash, if there is one; as it is in the registry now. */
  async find(hash: string): Promise<Key | undefined> {
    if (this.#hashes.size >= atOnce) this.#asked = undefined;
    if (!this.#asked) this.#hashes = new Set();
    this.#hashes.add(hash);
    this.#asked ??= this.#read(this.#hashes);
    return (await this.#asked).get(hash);
  }

  async #read(hashes: Set<string>): Promise<Map<string, Key>> {
    await turn();
    if (this.#hashes === hashes) this.#asked = undefined;
    const rows: Key[] = await this.#server
      .registry('sentinel_keys')
      .join('customers', 'customers.id', 'sentinel_keys.customer_id')
      .whereIn('key_hash', [...hashes])
      .select('sentinel_keys.*', 'customers.suspended_at');
    return new Map(rows.map((row) => [row.key_hash, row]));
  }
}

const lookups = new WeakMap<ServerContext, KeyLookups>();

/** Of this server. */
export function keysOf(server: ServerContext): KeyLookups {
  const known = lookups.get(server) ?? new KeyLookups(server);
  lookups.set(server, known);
  return known;
}
