import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { buildRun } from '../../sentinel/build-run.ts';
import { readConfig } from '../../sentinel/config.ts';
import { Link } from '../../sentinel/link/link.ts';
import { Push } from '../../sentinel/link/push.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { openSeal } from '../../sentinel/seal.ts';
import { Spool } from '../../sentinel/spool/spool.ts';
import { Vault } from '../../sentinel/vault.ts';
import { until } from './until.ts';

const hourMs = 3_600_000;
/** While the server is away no more than this waits. */
const backlog = 400;

/** A pinned link that knows which of its messages with runs the server still owes an answer. */
class WatchedLink extends Link {
  inFlight = 0;
  /** How long the latest message with runs that was answered took, ms. */
  tookMs = 20;
  answered = 0;
  /** Runs that the server had when they were sent: it was killed between its commit and its answer. */
  repeats = 0;

  override async postRuns(...[runs, signal]: Parameters<Link['postRuns']>) {
    const began = performance.now();
    this.inFlight++;
    try {
      const reply = await super.postRuns(runs, signal);
      if (reply.kind === 'done') {
        this.answered++;
        this.tookMs = performance.now() - began;
        this.repeats += reply.value.runs.filter((run) => run.status === 'exists').length;
      }
      return reply;
    } finally {
      this.inFlight--;
    }
  }
}

/** A sentinel's spool, push and link without its browser: real in all that a kill could break. */
export class Reporter implements AsyncDisposable {
  readonly sentinelId: string;
  readonly link: WatchedLink;
  readonly spool: Spool;
  /** Ids of the runs that the spool has confirmed. */
  readonly spooled = new Set<string>();
  readonly #push: Push;
  readonly #stop = new AbortController();
  #working: Promise<void> = Promise.resolve();

  /** Takes an enrolled home folder over; its own sentinel must not be at work. */
  constructor(home: string) {
    const { server, ca, pins, sentinelId } = readConfig(home);
    const apiKey = new Vault(home).apiKey() ?? '';
    this.sentinelId = sentinelId;
    this.spool = new Spool({ file: path.join(home, 'spool.sqlite'), seal: openSeal(home, 'spool') });
    this.link = new WatchedLink({ server, trust: { ca, pins: new Set(pins) }, sentinelId, apiKey });
    this.#push = new Push(this.spool, this.link);
  }

  /** From now on stores passed runs of a monitor and sends them, as fast as the server takes them, until `end`. */
  begin(monitorId: string): void {
    this.#working = this.#work(monitorId);
  }

  /** Stores nothing more, and sends what waits. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#working;
    await this.drain();
  }

  /** Sends until the spool is empty. */
  async drain(): Promise<void> {
    while (await this.#send());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#working;
    await this.link[Symbol.asyncDispose]();
    this.spool[Symbol.dispose]();
  }

  async #work(monitorId: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const some = this.spool.depth().waiting < backlog ? 1 + Math.floor(Math.random() * 8) : 0;
      for (let i = 0; i < some; i++) this.#store(recentRun(monitorId));
      await this.#send();
    }
  }

  #store(run: Run): void {
    this.spool.add(run, []);
    this.spooled.add(run.id);
  }

  /** One exchange; false if there was nothing to send. */
  async #send(): Promise<boolean> {
    const step = await this.#push.step(new AbortController().signal);
    if (step.kind === 'later') await wait(50);
    return step.kind !== 'idle';
  }
}

/** How many messages with runs were answered so far. */
export function answered(reporters: readonly Reporter[]): number {
  return reporters.reduce((sum, { link }) => sum + link.answered, 0);
}

/** Returns at a random moment between a message with runs and its answer. */
export async function momentInFlight(reporters: readonly Reporter[]): Promise<void> {
  const busy = () => reporters.find(({ link }) => link.inFlight > 0);
  do {
    await until('runs are sent', () => busy() !== undefined, { everyMs: 1 });
    await wait(Math.random() * (busy()?.link.tookMs ?? 0));
  } while (!busy());
}

/** A run of the last few hours, so that several hours are dirty at once. */
function recentRun(monitorId: string): Run {
  const startedAt = Date.now() - Math.floor(Math.random() * 4 * hourMs);
  return buildRun({ monitorId, dueAt: startedAt, startedAt });
}
