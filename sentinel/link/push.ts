import type { Problems } from '../problems.ts';
import { maxBatchBytes, maxRunsPerBatch, type Run, type RunBatchAnswer } from '../protocol/messages.ts';
import type { Spool, WaitingEvidence } from '../spool/spool.ts';
import { pause, type Wake } from '../wake.ts';
import { BackOff } from './back-off.ts';
import type { Link } from './link.ts';
import type { Reply } from './reply.ts';

/** Room for what stands around the runs in a batch. */
const envelopeBytes = 1000;
/** A look at the spool even if nothing rang, in case a later attempt is due. */
const idleMs = 60_000;

/** What a step brought: something moved, there is nothing to do or nothing may go, or it must be tried again after a while. */
export type Step =
  | { kind: 'moved' }
  | { kind: 'idle' }
  | { kind: 'held'; what: string }
  | { kind: 'later'; why: string; waitMs?: number }
  | { kind: 'unwelcome'; waitMs: number };

/** What may leave the device now. */
export interface Outlet {
  /** Bytes that may still be sent. */
  roomForRuns(): number;
  roomForFiles(): number;
  /** The setting by which files of a media type are not sent, if there is one. */
  unwanted(mediaType: string): string | undefined;
}

const open: Outlet = {
  roomForRuns: () => Number.POSITIVE_INFINITY,
  roomForFiles: () => Number.POSITIVE_INFINITY,
  unwanted: () => undefined,
};

/** Statuses by which a server says that a message is at fault, not who sends it nor the moment. */
const faultOfTheMessage: readonly number[] = [400, 404, 409, 410, 413, 415, 422];

/** Carries runs, then their evidence, from the spool to the server. Removes only what the server has named. */
export class Push {
  readonly #spool: Spool;
  readonly #link: Link;
  readonly #outlet: Outlet;
  #runsPerBatch = maxRunsPerBatch;

  constructor(spool: Spool, link: Link, outlet: Outlet = open) {
    this.#spool = spool;
    this.#link = link;
    this.#outlet = outlet;
  }

  /** Sends until `signal` aborts; `wake` tells that there is something new. */
  async loop(wake: Wake, problems: Problems, signal: AbortSignal, backOff = new BackOff()): Promise<void> {
    while (!signal.aborted) {
      const step = await this.#safeStep(signal);
      if (signal.aborted) return;
      problems.set('push', step.kind === 'later' ? `runs are kept, not yet sent: ${step.why}` : undefined);
      problems.set(
        'held',
        step.kind === 'held' ? `${step.what} wait: the setting mibPerDay lets no more out today` : undefined,
      );
      if (step.kind === 'later' || step.kind === 'unwelcome') await pause(backOff.next(step.waitMs), signal);
      else backOff.reset();
      if (step.kind === 'idle' || step.kind === 'held') await wake.wait(idleMs, signal);
    }
  }

  /** One exchange: a batch of the oldest runs, or if there are none the oldest evidence. */
  async step(signal: AbortSignal): Promise<Step> {
    const room = this.#outlet.roomForRuns();
    const runs = this.#spool.oldestRuns(this.#runsPerBatch, Math.min(room, maxBatchBytes) - envelopeBytes);
    if (runs.length > 0) {
      if (bytesOf(runs) > room) return { kind: 'held', what: 'runs and their evidence' };
      return this.#afterRuns(runs, await this.#link.postRuns(runs, signal));
    }
    const file = this.#spool.nextEvidence();
    return file ? this.#sendEvidence(file, signal) : { kind: 'idle' };
  }

  async #sendEvidence(file: WaitingEvidence, signal: AbortSignal): Promise<Step> {
    const setting = this.#outlet.unwanted(file.mediaType);
    if (setting !== undefined) {
      this.#spool.rejectEvidence(
        file.runId,
        file.sha256,
        `not sent: the setting ${setting} of this sentinel says never`,
      );
      return { kind: 'moved' };
    }
    if (file.content.length > this.#outlet.roomForFiles())
      return { kind: 'held', what: 'screenshots and other evidence' };
    return this.#afterEvidence(file, await this.#link.putEvidence(file, signal));
  }

  /** A spool that can't be read or written now (a full disk, say) is tried again like a server that doesn't answer. */
  async #safeStep(signal: AbortSignal): Promise<Step> {
    try {
      return await this.step(signal);
    } catch (error) {
      return { kind: 'later', why: `the spool can't be used: ${error instanceof Error ? error.message : error}` };
    }
  }

  #afterRuns(runs: readonly Run[], reply: Reply<RunBatchAnswer>): Step {
    if (reply.kind === 'done') return this.#settle(runs, reply.value);
    if (reply.kind === 'refused' && faultOfTheMessage.includes(reply.status) && reply.status !== 404) {
      return this.#narrow(runs, reply.why);
    }
    return later(reply);
  }

  #settle(runs: readonly Run[], { runs: answers }: RunBatchAnswer): Step {
    const sent = new Set(runs.map((run) => run.id));
    const ours = answers.filter((answer) => sent.has(answer.id));
    const there = ours.filter((answer) => answer.status === 'stored' || answer.status === 'exists');
    const rejected = ours.filter((answer) => answer.status === 'rejected');
    if (there.length > 0) this.#spool.acknowledge(there.map((answer) => answer.id));
    for (const answer of rejected) this.#spool.reject(answer.id, answer.reason ?? 'the server gave no reason');
    this.#runsPerBatch = maxRunsPerBatch;
    if (there.length + rejected.length > 0) return { kind: 'moved' };
    return { kind: 'later', why: ours[0]?.reason ?? 'the server has not taken any run of the batch' };
  }

  /** The server refused a batch as a whole: halves of it find the run at fault, which is set aside. */
  #narrow(runs: readonly Run[], why: string): Step {
    const [only, ...others] = runs;
    if (only && others.length === 0) {
      this.#spool.reject(only.id, why);
      this.#runsPerBatch = maxRunsPerBatch;
    } else {
      this.#runsPerBatch = Math.ceil(runs.length / 2);
    }
    return { kind: 'moved' };
  }

  #afterEvidence(file: WaitingEvidence, reply: Reply<unknown>): Step {
    if (reply.kind === 'done') {
      this.#spool.acknowledgeEvidence(file.runId, file.sha256);
      return { kind: 'moved' };
    }
    if (reply.kind === 'refused' && faultOfTheMessage.includes(reply.status)) {
      this.#spool.rejectEvidence(file.runId, file.sha256, reply.why);
      return { kind: 'moved' };
    }
    return later(reply);
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
