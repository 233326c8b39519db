import { randomUUID } from 'node:crypto';
import os from 'node:os';
import type { z } from 'zod';
import { PinMismatch, type Trust } from '../../certs/pin.ts';
import type { MessageNotes, Outgoing } from '../journal/journal.ts';
import {
  Assignments,
  apiPrefix,
  type Heartbeat,
  HeartbeatAnswer,
  headers,
  type Phase,
  type Run,
  RunBatchAnswer,
  type Stall,
} from '../protocol/messages.ts';
import type { WaitingEvidence } from '../spool/spool.ts';
import type { AskingBoots } from './boots.ts';
import { type Answered, type Asked, Connection, IdleConnectionLost } from './connection.ts';
import { explain } from './explain.ts';
import { neverLeft, phaseOf } from './phase.ts';
import { type Reply, readRefusal, readReply } from './reply.ts';
import { standing } from './standing.ts';

const deadlineMs = 30_000;
/** Bytes in a ms that a line is trusted with at least: what the system has taken to send is not seen to move. */
const slowestLine = 8;
const leaveMs = 3000;
/** An exchange that took longer says too little about the server's clock. */
const longestForClockMs = 5000;
/** How long a server may answer without telling the time before a run is sent to have it told (ms). */
const longestUntimedMs = 300_000;
/** Less than this a clock may drift (ms); more, and it was set. */
const noticeableMs = 5000;
/** As many as a heartbeat may carry. */
const mostStalls = 20;

export interface LinkSettings {
  server: string;
  trust: Trust;
  sentinelId: string;
  apiKey: string;
  /** Told of every message before it goes out, and of those that did not go out after all. */
  journal?: MessageNotes;
  /** By which the server tells this machine from a copy of it; without them it can't. */
  boots?: AskingBoots;
  /** What carries the messages; another one than the pinned connection models a network with faults. */
  connect?: (server: string, trust: Trust) => Carrier;
  /** How long the device is up, sleep included, ms; the device's own, unless a test has another. */
  uptime?: () => number;
}

type Carrier = Pick<Connection, 'address' | 'trust' | 'exchange'> & AsyncDisposable;

/** An answer to `assignments`, with the mark by which to ask for news. */
export interface MarkedAssignments {
  etag: string | undefined;
  assignments: Assignments;
}

/** What is asked, and the runs that it is of. */
type Message = Asked & { runs?: Outgoing['runs'] };

/** The calls of the protocol. None throws: what went wrong is a reply like any other. */
export class Link implements AsyncDisposable {
  readonly #connection: Carrier;
  readonly #settings: LinkSettings;
  readonly #onlyBoot = randomUUID();
  #counter = 0;
  #measured: { offsetMs: number; now: number; uptime: number } | undefined;
  /** Names this start of the sentinel: marks of another one tell nothing of how the clock was set since. */
  readonly #start = randomUUID();
  /** Since when the server answers without telling the time, by how long the device is up, ms. */
  #untimedSince: number | undefined;
  #lastContactAt: number | undefined;
  #lastTry: { at: number; answered: boolean } | undefined;
  #stall: Omit<Stall, 'to'> | undefined;
  #stalls: Stall[] = [];

  constructor(settings: LinkSettings) {
    this.#settings = settings;
    const connect = settings.connect ?? ((server, trust) => new Connection(server, trust));
    this.#connection = connect(settings.server, settings.trust);
  }

  /** Server's clock minus this device's, ms, as last measured, also if that was set since; none before the first exchange. */
  get clockOffsetMs(): number | undefined {
    return this.#measured && this.#measured.offsetMs - this.#setMs(this.#measured);
  }

  /**
   * The same as far as it is certain: none either since the clock was set, until it is measured anew. A machine that was
   * halted and goes on can't tell that from its clock being set.
   */
  get sureOffsetMs(): number | undefined {
    return this.#measured && this.#setMs(this.#measured) === 0 ? this.#measured.offsetMs : undefined;
  }

  /** What to keep of this moment, for `offsetAt` to be asked later. */
  get clockMark(): string {
    return `${this.#start} ${Math.round(Date.now())} ${Math.round(this.#uptime())}`;
  }

  /**
   * Server's clock minus this device's as it was at a mark, ms; undefined as long as it is not measured. Of an earlier start it is
   * taken to have been as now.
   */
  offsetAt(mark: string): number | undefined {
    const offsetMs = this.sureOffsetMs;
    if (offsetMs === undefined) return undefined;
    const [start, now, uptime] = mark.split(' ');
    return start === this.#start ? offsetMs + this.#setMs({ now: Number(now), uptime: Number(uptime) }) : offsetMs;
  }

  /** Whether the server has answered for minutes and its clock is not known by any of that. */
  get tellsNoTime(): boolean {
    return this.#untimedSince !== undefined && this.#uptime() - this.#untimedSince > longestUntimedMs;
  }

  /** When the server last answered as itself, ms since 1970 on this device's clock. */
  get lastContactAt(): number | undefined {
    return this.#lastContactAt;
  }

  /** Whether anything answered at the server's address since `sinceMs`, or at the latest try did not; undefined if neither is known. */
  answersSince(sinceMs: number): boolean | undefined {
    if (this.#lastTry?.answered === false) return false;
    return this.#lastTry !== undefined && this.#lastTry.at >= sinceMs ? true : undefined;
  }

  /** Where on the way to the server it stalls, and since when (ms since 1970); undefined while the server answers. */
  get stall(): Omit<Stall, 'to'> | undefined {
    return this.#stall;
  }

  /** Stalls that are over, since this start; the latest ones. */
  get stalls(): readonly Stall[] {
    return this.#stalls;
  }

  trust(trust: Trust): void {
    this.#connection.trust(trust);
  }

  postRuns(runs: readonly Run[], signal: AbortSignal): Promise<Reply<RunBatchAnswer>> {
    const of = runs.map(({ id, monitorId }) => ({ id, monitorId }));
    return this.#call(this.#message('/runs', { runs }, of), (answer) => this.#timed(answer, RunBatchAnswer), signal);
  }

  putEvidence({ sha256, mediaType, content, runId }: WaitingEvidence, signal: AbortSignal): Promise<Reply<unknown>> {
    const path = `/evidence/${sha256}`;
    const asked = { method: 'PUT', path, headers: { 'content-type': mediaType }, body: content } as const;
    return this.#call({ ...asked, runs: [{ id: runId }], deadlineMs: deadlineFor(content) }, readTaken, signal);
  }

  /** What to do; with `known`, only news, for which the server may keep the request open up to `waitS` seconds. */
  assignments(known: string | undefined, waitS: number, signal: AbortSignal): Promise<Reply<MarkedAssignments>> {
    const asking = known === undefined ? {} : { 'if-none-match': known, prefer: `wait=${waitS}` };
    const asked = {
      method: 'GET',
      path: '/assignments',
      headers: asking,
      deadlineMs: deadlineMs + waitS * 1000,
    } as const;
    const read = (answer: Answered): Reply<MarkedAssignments> => {
      const reply = readReply(answer, Assignments);
      if (reply.kind !== 'done') return reply;
      return { kind: 'done', value: { etag: answer.header('etag'), assignments: reply.value } };
    };
    return this.#call(asked, read, signal);
  }

  /** A script's bundle, as the server gave it: whether it has the hash is for the caller to check. */
  script(sha256: string, signal: AbortSignal): Promise<Reply<string>> {
    const asked = {
      method: 'GET',
      path: `/scripts/${sha256}`,
      headers: { accept: 'text/javascript' },
      deadlineMs,
    } as const;
    return this.#call(asked, readText, signal);
  }

  heartbeat(heartbeat: Heartbeat, signal: AbortSignal): Promise<Reply<z.infer<typeof HeartbeatAnswer>>> {
    return this.#call(
      this.#message('/heartbeats', heartbeat),
      (answer) => this.#timed(answer, HeartbeatAnswer),
      signal,
    );
  }

  /** Says that this sentinel is no more; its API key ends by that. Asked once, briefly: nobody waits for a server that is away. */
  leave(signal: AbortSignal): Promise<Reply<unknown>> {
    return this.#call({ method: 'DELETE', path: '/sentinel', deadlineMs: leaveMs }, readTaken, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #message(path: string, content: unknown, runs: Outgoing['runs'] = []): Message {
    const body = JSON.stringify(content);
    const headers = { 'content-type': 'application/json' };
    return { method: 'POST', path, headers, body, runs, deadlineMs: deadlineFor(body) };
  }

  async #call<T>(asked: Message, read: (answer: Answered) => Reply<T>, signal: AbortSignal): Promise<Reply<T>> {
    const { boots } = this.#settings;
    const boot = boots?.current;
    const reply = await this.#exchange(asked, read, signal);
    if (boot === undefined || reply.kind !== 'refused' || reply.code !== 'BOOT_REPLACED') return standing(reply, boot);
    try {
      boots?.replace(boot);
    } catch (error) {
      return { kind: 'none', why: error instanceof Error ? error.message : String(error) };
    }
    return standing(await this.#exchange(asked, read, signal), boots?.current);
  }

  async #exchange<T>(
    asked: Message,
    read: (answer: Answered) => Reply<T>,
    signal: AbortSignal,
    repeated = false,
  ): Promise<Reply<T>> {
    const { boots, journal } = this.#settings;
    const noted = note(asked, journal);
    const own = this.#identity();
    try {
      const path = apiPrefix + asked.path;
      const answer = await this.#connection.exchange({ ...asked, path, headers: { ...asked.headers, ...own } }, signal);
      this.#lastTry = { at: Date.now(), answered: true };
      const reply = read(answer);
      if (reply.kind === 'done' || reply.kind === 'unchanged') boots?.answered(own[headers.boot]);
      if (reply.kind === 'none') this.#stallAt('HTTP');
      else this.#answered();
      return reply;
    } catch (error) {
      // Harmless should the server have taken it: what it is to keep has an id made before, and `leave` is asked first.
      if (error instanceof IdleConnectionLost && !repeated) return this.#exchange(asked, read, signal, true);
      if (neverLeft(error)) noted.takeBack();
      if (!signal.aborted) this.#stallAt(phaseOf(error));
      if (!signal.aborted) this.#lastTry = { at: Date.now(), answered: error instanceof PinMismatch };
      const why = explain(error, this.#connection.address);
      return isLate(error) ? { kind: 'none', why, isLate: true } : { kind: 'none', why };
    }
  }

  /** What every request says of who sends it. */
  #identity() {
    const { sentinelId, apiKey, boots } = this.#settings;
    const before = boots?.before;
    return {
      authorization: `Bearer ${apiKey}`,
      [headers.sentinel]: sentinelId,
      [headers.boot]: boots?.current ?? this.#onlyBoot,
      [headers.counter]: String(++this.#counter),
      ...(before === undefined ? {} : { [headers.before]: before === 'known' ? before : before.join() || 'none' }),
    };
  }

  /** By how much this device's clock was set since, ms; 0 for what it may drift. */
  #setMs({ now, uptime }: { now: number; uptime: number }): number {
    const setMs = Math.round(Date.now() - now - (this.#uptime() - uptime));
    return Math.abs(setMs) > noticeableMs ? setMs : 0;
  }

  #uptime(): number {
    return this.#settings.uptime?.() ?? os.uptime() * 1000;
  }

  #stallAt(phase: Phase): void {
    this.#stall = { phase, from: this.#stall?.from ?? Date.now() };
    this.#untimedSince = undefined;
  }

  #answered(): void {
    this.#lastContactAt = Date.now();
    this.#untimedSince = this.sureOffsetMs === undefined ? (this.#untimedSince ?? this.#uptime()) : undefined;
    if (this.#stall) this.#stalls = [...this.#stalls, { ...this.#stall, to: this.#lastContactAt }].slice(-mostStalls);
    this.#stall = undefined;
  }

  /**
   * Reads an answer and measures the server's clock by it: it was read about half way through the exchange. A slow one measures
   * badly, and is better than none.
   */
  #timed<T extends { serverTime: number }>(answer: Answered, schema: z.ZodType<T>): Reply<T> {
    const reply = readReply(answer, schema);
    if (reply.kind === 'done' && (answer.tookMs < longestForClockMs || this.sureOffsetMs === undefined)) {
      const offsetMs = Math.round(reply.value.serverTime - (answer.sentAt + answer.tookMs / 2));
      this.#measured = { offsetMs, now: Date.now(), uptime: this.#uptime() };
    }
    return reply;
  }
}

function deadlineFor(body: string | Buffer): number {
  return deadlineMs + Buffer.byteLength(body) / slowestLine;
}

function isLate(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

/** Writes down what goes out; a message without a body is counted. */
function note({ method, path, headers = {}, body, runs = [] }: Message, journal: LinkSettings['journal']) {
  const call = `${method} ${path}`;
  if (body === undefined) {
    journal?.count(call, 1);
    return { takeBack: () => journal?.count(call, -1) };
  }
  const id = journal?.add({ call, mediaType: headers['content-type'] ?? '', content: body, runs });
  return { takeBack: () => id !== undefined && journal?.takeBack(id) };
}

/** It is done only if the server says so in its own way: 204, which no portal's page has. */
function readTaken(answer: Answered): Reply<unknown> {
  return answer.status === 204 ? { kind: 'done', value: undefined } : readRefusal(answer);
}

function readText(answer: Answered): Reply<string> {
  return answer.status === 200 ? { kind: 'done', value: answer.body.toString() } : readRefusal(answer);
}
