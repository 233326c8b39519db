import type { CustomerRow } from '../../db/registry/rows.ts';
import { type Heads, providerTrail, writeHeads } from '../audit/heads.ts';
import { erasures, headAt, headOf } from '../audit/trail.ts';
import type { Head } from '../audit/verify.ts';
import type { ServerContext } from '../http/context.ts';
import type { JobsLease } from './lease.ts';

const everyMs = 3_600_000;

/**
 * Signs the last entry of every audit trail and writes it to a folder outside the databases: when the lease is got, and
 * once an hour while it is held. What was signed is looked for again the next time, so that a trail that was cut or
 * written anew meanwhile is told of in the log within the hour, without anybody asking.
 */
export class AuditHeadsJob {
  readonly #server: ServerContext;
  readonly #lease: JobsLease;
  readonly #timer: NodeJS.Timeout;
  /** As last signed by this process. */
  readonly #signed = new Map<string, Head>();
  #signedAt = 0;
  #isStopping = false;
  #work: Promise<void> = Promise.resolve();

  constructor(server: ServerContext, lease: JobsLease, every = everyMs) {
    this.#server = server;
    this.#lease = lease;
    lease.on('gained', this.#begin);
    this.#timer = setInterval(this.#begin, every);
  }

  /** Ends after the customer in progress. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#lease.off('gained', this.#begin);
    clearInterval(this.#timer);
    await this.#work;
  }

  readonly #begin = () => {
    this.#work = this.#work
      .then(() => this.#write())
      .catch((err) => this.#server.log.error({ err }, 'the heads of the audit trails could not be written down'));
  };

  async #write(): Promise<void> {
    if (this.#lease.fence === undefined) return;
    const { registry, customers, log, now, auditHeads: folder, dataFolder } = this.#server;
    const heads: Record<string, Head> = {};
    for (const [id, at] of await erasures(registry)) if (at >= this.#signedAt) this.#signed.delete(id);
    this.#signedAt = now();
    await this.#look(heads, providerTrail, registry);
    for (const { id } of await registry<CustomerRow>('customers').select('id')) {
      if (this.#isStopping) return;
      const asked = customers.use(id, (db) => this.#look(heads, id, db));
      await asked.catch((err) => log.error({ customer: id, err }, 'the head of an audit trail could not be read'));
    }
    const { file, sha256 } = writeHeads({ folder, dataFolder }, heads, now());
    this.#remember(heads);
    log.info({ file, sha256, trails: Object.keys(heads).length, provider: heads[providerTrail] }, 'audit heads signed');
  }

  /** Adds the trail's head to `heads` if it is another than was signed. */
  async #look(heads: Record<string, Head>, trail: string, db: Parameters<typeof headOf>[0]): Promise<void> {
    const signed = this.#signed.get(trail);
    if (signed && (await headAt(db, signed.id))?.hash !== signed.hash) {
      const next = 'see vedette-server audit verify';
      this.#server.log.error({ trail, entry: signed.id }, `an audit trail was cut or written anew: ${next}`);
    }
    const head = await headOf(db);
    if (head && (head.id !== signed?.id || head.hash !== signed.hash)) heads[trail] = head;
  }

  #remember(heads: Heads): void {
    for (const [trail, head] of Object.entries(heads)) this.#signed.set(trail, head);
  }
}
