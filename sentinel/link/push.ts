import type { Problems } from '../problems.ts';
import { maxBatchBytes, maxRunsPerBatch, type Run, type RunBatchAnswer } from '../protocol/messages.ts';
import type { Spool, WaitingEvidence } from '../spool/spool.ts';
import { pause, type Wake } from '../wake.ts';
import { BackOff } from './back-off.ts';
import type { Link } from './link.ts';
import { Narrowing } from './narrowing.ts';
import { Pace } from './pace.ts';
import type { Reply } from './reply.ts';

/** Room for what stands around the runs in a batch. */
const envelopeBytes = 1000;
/** A look at the spool even if nothing rang, in case a later attempt is due. */
const idleMs = 60_000;

/** A look whether the server's clock is known by now. */
const untimedMs = 5000;

/** What a step brought: something moved, there is nothing to do or nothing may go, or it must be tried again after a while. */
export type Step =
  | { kind: 'moved'; ofFile?: true }
  /** Nothing moved, and the next step does something else. */
  | { kind: 'narrowed' }
  | { kind: 'idle' }
  /** By how much the device's clock is off has to be added, and is not known yet. */
  | { kind: 'untimed' }
  | { kind: 'held'; what: string }
  | { kind: 'later'; why: string; waitMs?: number; ofFile?: true }
  | { kind: 'unwelcome'; waitMs: number };

/** What may leave the device now. */
export interface Outlet {
  /** Bytes that may still be sent. */
  roomForRuns(): number;
  roomForFile(file: Pick<WaitingEvidence, 'whenPassed'>): number;
  /** The setting by which a file is not sent, if there is one. */
  unwanted(file: Pick<WaitingEvidence, 'mediaType' | 'whenPassed'>): string | undefined;
}

const open: Outlet = {
  roomForRuns: () => Number.POSITIVE_INFINITY,
  roomForFile: () => Number.POSITIVE_INFINITY,
  unwanted: () => undefined,
};

/** Statuses by which a server says that a message is at fault, not who sends it nor the moment. */
const faultOfTheMessage: readonly number[] = [400, 404, 409, 410, 413, 415, 422];

/** A server that failed so often over a batch is not just busy. */
const usualPatience = 3;
const longestPatience = 48;

/**
 * Carries runs, then their evidence, from the spool to the server. Removes only what the server has named. A run over which
 * the server fails (500) is found by halves and put off, once another run has shown that the server works. Batches are as
 * large as line and server manage in time.
 */
export class Push {
  readonly #spool: Spool;
  readonly #link: Link;
  readonly #outlet: Outlet;
  readonly #random: () => number;
  readonly #narrowing = new Narrowing();
  readonly #pace = new Pace();
  #failures = 0;
  #patience = usualPatience;
  /** A run over which the server failed when it was alone. */
  #suspect: { id: string; why: string } | undefined;

  constructor(spool: Spool, link: Link, outlet: Outlet = open, random: () => number = Math.random) {
    this.#spool = spool;
    this.#link = link;
    this.#outlet = outlet;
    this.#random = random;
  }

  /**
   * Sends until `signal` aborts; `wake` tells that there is something new. While the server takes no evidence (its disk is
   * nearly full, say) runs go on.
   */
  async loop(wake: Wake, problems: Problems, signal: AbortSignal, backOff = new BackOff()): Promise<void> {
    const [filesBackOff, now] = [new BackOff(this.#random), () => performance.now()];
    let filesFrom = 0;
    while (!signal.aborted) {
      const withFiles = now() >= filesFrom;
      const step = await this.#safeStep(signal, withFiles);
      if (signal.aborted) return;
      if (step.kind === 'later' && step.ofFile) {
        problems.set('evidence', `evidence is kept: ${step.why}`);
        filesFrom = now() + filesBackOff.next(step.waitMs);
        continue;
      }
      if ('ofFile' in step || (step.kind === 'idle' && withFiles)) {
        problems.set('evidence', undefined);
        filesBackOff.reset();
      }
      problems.set('push', step.kind === 'later' ? `runs are kept, not yet sent: ${step.why}` : undefined);
      problems.set(
        'held',
        step.kind === 'held' ? `${step.what} wait: the setting mibPerDay lets no more out today` : undefined,
      );
      if (step.kind === 'later' || step.kind === 'unwelcome') await pause(backOff.next(step.waitMs), signal);
      else if (step.kind === 'untimed') await pause(untimedMs, signal);
      else if (step.kind !== 'narrowed') backOff.reset();
      if (step.kind === 'idle' || step.kind === 'held')
        await wake.wait(filesFrom > now() ? Math.min(idleMs, filesFrom - now()) : idleMs, signal);
    }
  }

  /** One exchange: a batch of the oldest runs, or if there are none the oldest evidence, where that may go. */
  async step(signal: AbortSignal, withFiles = true): Promise<Step> {
    if (!this.#spool.setClocks(maxRunsPerBatch, (mark) => this.#link.offsetAt(mark))) return this.#askForTime(signal);
    const runs = this.#suspect
      ? this.#another(this.#suspect.id)
      : this.#oldest(Math.min(this.#narrowing.size, this.#pace.size));
    if (runs.length > 0) return this.#sendRuns(runs, signal);
    if (this.#suspect) return this.#putOff(this.#suspect);
    const again = this.#spool.nextPutOff();
    if (again) return this.#sendRuns([again], signal, (reply) => this.#afterPutOff(again, reply));
    const file = withFiles ? this.#spool.nextEvidence() : undefined;
    return file ? this.#sendEvidence(file, signal) : { kind: 'idle' };
  }

  /** The heartbeat has the server tell its time; where that fails for long, one run is sent for it, and the others are put right. */
  async #askForTime(signal: AbortSignal): Promise<Step> {
    const first = this.#link.tellsNoTime ? this.#spool.oldestAsItIs() : undefined;
    return first ? this.#sendRuns([first], signal, (reply) => this.#afterAsking(first, reply)) : { kind: 'untimed' };
  }

  async #sendRuns(
    runs: readonly Run[],
    signal: AbortSignal,
    then = (reply: Reply<RunBatchAnswer>) => this.#afterRuns(runs, reply),
  ): Promise<Step> {
    if (bytesOf(runs) > this.#outlet.roomForRuns()) return { kind: 'held', what: 'runs and their evidence' };
    const reply = await this.#link.postRuns(runs, signal);
    if (reply.kind === 'none' && reply.isLate) this.#pace.late(runs.length);
    else if (reply.kind === 'done') this.#pace.inTime(runs.length);
    return then(reply);
  }

  async #sendEvidence(file: WaitingEvidence, signal: AbortSignal): Promise<Step> {
    const setting = this.#outlet.unwanted(file);
    if (setting !== undefined) {
      this.#spool.rejectEvidence(
        file.runId,
        file.sha256,
        `not sent: the setting ${setting} of this sentinel does not allow it`,
      );
      return { kind: 'moved' };
    }
    if (file.content.length > this.#outlet.roomForFile(file))
      return { kind: 'held', what: file.whenPassed ? 'screenshots of what passed' : 'screenshots and other evidence' };
    return this.#afterEvidence(file, await this.#link.putEvidence(file, signal));
  }

  /** A spool that can't be read or written now (a full disk, say) is tried again like a server that doesn't answer. */
  async #safeStep(signal: AbortSignal, withFiles: boolean): Promise<Step> {
    try {
      return await this.step(signal, withFiles);
    } catch (error) {
      return { kind: 'later', why: `the spool can't be used: ${error instanceof Error ? error.message : error}` };
    }
  }

  #oldest(count: number): Run[] {
    return this.#spool.oldestRuns(count, Math.min(this.#outlet.roomForRuns(), maxBatchBytes) - envelopeBytes);
  }

  /** Any other run than the suspect, to see whether the server works; none if there is none. */
  #another(suspect: string): Run[] {
    const others = this.#oldest(maxRunsPerBatch).filter(({ id }) => id !== suspect);
    return others.slice(Math.floor(this.#random() * others.length)).slice(0, 1);
  }

  /** A run over which the server fails is not to keep the time from all others. */
  #afterAsking(run: Run, reply: Reply<RunBatchAnswer>): Step {
    if (reply.kind !== 'later' || reply.status !== 500) return this.#afterRuns([run], reply);
    this.#spool.putOff(run.id, `the server can't take it: ${reply.why}`);
    return later(reply);
  }

  #afterRuns(runs: readonly Run[], reply: Reply<RunBatchAnswer>): Step {
    if (reply.kind === 'done') return this.#afterTaken(runs, reply.value);
    if (reply.kind === 'later' && reply.status === 500) return this.#afterFailure(runs, reply);
    if (reply.kind === 'refused' && faultOfTheMessage.includes(reply.status) && reply.status !== 404) {
      return this.#narrow(runs, reply.why);
    }
    return later(reply);
  }

  #afterTaken(runs: readonly Run[], answer: RunBatchAnswer): Step {
    const step = this.#settle(runs, answer);
    if (this.#suspect) this.#putOff(this.#suspect);
    else this.#narrowing.passed(runs.length);
    if (this.#narrowing.isOn) return step;
    this.#failures = 0;
    this.#patience = usualPatience;
    return step;
  }

  /** The server failed: tried again first, then with halves; a run alone is compared with another. */
  #afterFailure(runs: readonly Run[], reply: Extract<Reply<never>, { kind: 'later' }>): Step {
    const [only, ...others] = runs;
    if (this.#suspect) {
      this.#suspect = undefined;
      this.#narrowing.end();
      this.#failures = 0;
      this.#patience = Math.min(this.#patience * 2, longestPatience); // it's not for the run: the server is broken
      return later(reply);
    }
    if (++this.#failures < this.#patience) return later(reply);
    if (only && others.length === 0) this.#suspect = { id: only.id, why: reply.why };
    else this.#narrowing.failed(runs.length);
    return { kind: 'narrowed' };
  }

  #putOff({ id, why }: { id: string; why: string }): Step {
    this.#spool.putOff(id, `the server can't take it: ${why}`);
    this.#suspect = undefined;
    this.#narrowing.end();
    return { kind: 'moved' };
  }

  #afterPutOff(run: Run, reply: Reply<RunBatchAnswer>): Step {
    if (reply.kind === 'later' && reply.status === 500) return this.#putOff({ id: run.id, why: reply.why });
    return this.#afterRuns([run], reply);
  }

  #settle(runs: readonly Run[], { runs: answers }: RunBatchAnswer): Step {
    const sent = new Set(runs.map((run) => run.id));
    const ours = answers.filter((answer) => sent.has(answer.id));
    const there = ours.filter((answer) => answer.status === 'stored' || answer.status === 'exists');
    const rejected = ours.filter((answer) => answer.status === 'rejected');
    if (there.length > 0) this.#spool.acknowledge(there.map((answer) => answer.id));
    for (const answer of rejected) this.#spool.reject(answer.id, answer.reason ?? 'the server gave no reason');
    if (there.length + rejected.length > 0) return { kind: 'moved' };
    return { kind: 'later', why: ours[0]?.reason ?? 'the server has not taken any run of the batch' };
  }

  /** The server refused a batch as a whole: halves of it find the run at fault, which is set aside. */
  #narrow(runs: readonly Run[], why: string): Step {
    const [only, ...others] = runs;
    if (only && others.length === 0) {
      this.#spool.reject(only.id, why);
      this.#narrowing.end();
    } else {
      this.#narrowing.failed(runs.length);
    }
    return { kind: 'moved' };
  }

  #afterEvidence(file: WaitingEvidence, reply: Reply<unknown>): Step {
    if (reply.kind === 'done') {
      this.#spool.acknowledgeEvidence(file.runId, file.sha256);
      return { kind: 'moved', ofFile: true };
    }
    if (reply.kind === 'refused' && faultOfTheMessage.includes(reply.status)) {
      this.#spool.rejectEvidence(file.runId, file.sha256, reply.why);
      return { kind: 'moved', ofFile: true };
    }
    const step = later(reply);
    return reply.kind === 'later' && step.kind === 'later' ? { ...step, ofFile: true } : step;
  }
}

function bytesOf(runs: readonly Run[]): number {
  return Buffer.byteLength(JSON.stringify(runs));
}

function later(reply: Exclude<Reply<unknown>, { kind: 'done' }>): Step {
  if (reply.kind === 'unwelcome') return { kind: 'unwelcome', waitMs: reply.waitMs }; // `tellStanding` says why
  if (reply.kind === 'unchanged') return { kind: 'later', why: 'the server answered "unchanged" to a message' };
  const waitMs = reply.kind === 'later' ? reply.waitMs : undefined;
  return { kind: 'later', why: reply.why, ...(waitMs === undefined ? {} : { waitMs }) };
}
