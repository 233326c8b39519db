import type { Run } from '../../sentinel/protocol/messages.ts';
import { Spool, type SpoolSettings } from '../../sentinel/spool/spool.ts';
import type { Broken } from './history.ts';
import type { Ledger } from './ledger.ts';
import { short } from './server.ts';

export interface Watch {
  ledger: Ledger;
  /** A planted fault: runs leave the spool when they are sent, not when the server has them. */
  isRash: boolean;
  fail(error: Broken): void;
  tell(what: string): void;
}

/** The spool, with what it is given, confirms and removes written into the ledger. */
export class WatchedSpool extends Spool {
  readonly #watch: Watch;

  constructor(settings: SpoolSettings, watch: Watch) {
    super(settings);
    this.#watch = watch;
  }

  /** Nothing is left to send. */
  get isDrained(): boolean {
    const { waiting, evidence } = this.depth();
    return waiting + evidence === 0;
  }

  override add(...[run, files, mark]: Parameters<Spool['add']>): void {
    this.#watch.ledger.offered(run);
    super.add(run, files, mark);
    this.#watch.ledger.stored(run);
    this.#watch.tell(`spool has ${short(run.id)}`);
  }

  override oldestRuns(...asked: Parameters<Spool['oldestRuns']>): Run[] {
    const runs = super.oldestRuns(...asked);
    if (this.#watch.isRash) this.acknowledge(runs.map((run) => run.id));
    return runs;
  }

  override acknowledge(...[ids]: Parameters<Spool['acknowledge']>): void {
    const broken = this.#watch.ledger.leaving(ids);
    if (broken) this.#watch.fail(broken);
    super.acknowledge(ids);
  }
}
