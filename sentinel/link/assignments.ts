import path from 'node:path';
import { z } from 'zod';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import type { Problems } from '../problems.ts';
import {
  type Assignment,
  Assignments,
  type ScriptKey,
  type SignedStatement,
  type Trial,
} from '../protocol/messages.ts';
import { type Trusted, trustScript } from '../script-trust.ts';
import type { Memory } from '../spool/memory.ts';
import { pause, type Wake } from '../wake.ts';
import { BackOff } from './back-off.ts';
import type { Link, MarkedAssignments } from './link.ts';
import { Patience } from './patience.ts';
import type { Reply } from './reply.ts';
import type { Scripts } from './scripts.ts';
import { tellStanding } from './standing.ts';

/** Between two questions, should the server not keep them open: something in between may not let it. */
const soonestMs = 1000;

const Kept = z.object({ etag: z.string().optional(), assignments: Assignments });
/** What has a script that is to be trusted. */
interface WithScript {
  script: SignedStatement;
}

export interface AssignmentsSettings {
  home: string;
  customerId: string;
  link: Link;
  scripts: Scripts;
  memory: Memory;
  /** Of the keys that the server names those that are trusted here, or others. */
  keys?: (ofServer: readonly ScriptKey[]) => readonly ScriptKey[];
  /** Told of a new set of pins. */
  onPins: (pins: readonly string[]) => void;
}

/**
 * What this sentinel has to do: the server's last good answer, kept on disk, so that it goes on without a server. Scripts
 * are fetched by hash, once their statement is trusted.
 */
export class AssignmentKeeper {
  readonly #settings: AssignmentsSettings;
  readonly #file: string;
  readonly #patience = new Patience();
  #kept: z.infer<typeof Kept> | undefined;

  constructor(settings: AssignmentsSettings) {
    this.#settings = settings;
    this.#file = keptFile(settings.home);
    this.#kept = readKept(settings.home);
  }

  current(): readonly Assignment[] {
    return this.#kept?.assignments.assignments ?? [];
  }

  /** Drafts that are to be tried here. */
  trials(): readonly Trial[] {
    return this.#kept?.assignments.trials ?? [];
  }

  /** Whether the script of an assignment may run here, asked anew each time. */
  trust(assignment: WithScript): Trusted {
    const { customerId, memory, keys: chosen = (ofServer) => ofServer } = this.#settings;
    const keys = chosen(this.#kept?.assignments.scriptKeys ?? []);
    return trustScript(assignment, { keys, customerId, highestVersion: (script) => memory.highestVersion(script) });
  }

  /** Asks for news until `signal` aborts; rings `wake` when there is work that wasn't there before. */
  async loop(wake: Wake, problems: Problems, signal: AbortSignal, backOff = new BackOff()): Promise<void> {
    while (!signal.aborted) {
      const soonest = performance.now() + soonestMs;
      const reply = await this.#safePoll(signal);
      if (signal.aborted) return;
      const trouble = reply.kind === 'done' || reply.kind === 'unchanged' ? undefined : reply;
      tellStanding(reply, problems);
      const told = trouble === undefined || trouble.kind === 'unwelcome';
      problems.set('assignments', told ? undefined : `no news about what to do: ${trouble.why}`);
      wake.ring();
      if (trouble) await pause(backOff.next('waitMs' in trouble ? trouble.waitMs : undefined), signal);
      else backOff.reset();
      await pause(Math.max(0, soonest - performance.now()), signal);
    }
  }

  /** One question for news and, whatever the answer, for bundles that are not here yet. */
  async poll(signal: AbortSignal): Promise<Reply<unknown>> {
    const { link } = this.#settings;
    const waitS = this.#missingBundles().length > 0 ? 0 : this.#patience.waitS;
    const asked = performance.now();
    const reply = await link.assignments(this.#kept?.etag, waitS, signal);
    this.#patience.saw(reply.kind, (performance.now() - asked) / 1000);
    if (reply.kind === 'done') this.#keep(reply.value);
    // They may not have been taken over when they came: a crash in between, or a full disk.
    if (reply.kind === 'unchanged' && this.#kept) this.#settings.onPins(this.#kept.assignments.pins);
    return (await this.#fetchBundles(signal)) ?? reply;
  }

  /** A disk that takes nothing is tried again like a server that doesn't answer. */
  async #safePoll(signal: AbortSignal): Promise<Reply<unknown>> {
    try {
      return await this.poll(signal);
    } catch (error) {
      return { kind: 'none', why: error instanceof Error ? error.message : String(error) };
    }
  }

  #keep({ etag, assignments }: MarkedAssignments): void {
    this.#kept = { assignments, ...(etag === undefined ? {} : { etag }) };
    replacePrivateFile(this.#file, JSON.stringify(this.#kept));
    const { scripts, memory, onPins } = this.#settings;
    const statements = this.#trusted();
    const { trials = [] } = assignments;
    const ids = [...assignments.assignments.map(({ monitorId }) => monitorId), ...trials.map(({ trialId }) => trialId)];
    memory.keepOnly(ids);
    for (const { script, version } of statements) memory.sawVersion(script, version);
    scripts.keepOnly(new Set(statements.map((statement) => statement.bundleSha256)));
    onPins(assignments.pins);
  }

  /** Nothing if all went well, else the reply that stopped it. */
  async #fetchBundles(signal: AbortSignal): Promise<Reply<unknown> | undefined> {
    for (const sha256 of this.#missingBundles()) {
      const reply = await this.#settings.link.script(sha256, signal);
      if (reply.kind !== 'done') return reply;
      if (!this.#settings.scripts.keep(sha256, reply.value)) {
        return { kind: 'none', why: `the server gave a script that is not the one that was signed (${sha256})` };
      }
    }
    return undefined;
  }

  #missingBundles(): string[] {
    const wanted = new Set(this.#trusted().map((statement) => statement.bundleSha256));
    return [...wanted].filter((sha256) => this.#settings.scripts.load(sha256).state !== 'here');
  }

  #trusted() {
    const answers = [...this.current(), ...this.trials()].map((one) => this.trust(one));
    return answers.flatMap((answer) => (answer.ok ? [answer.statement] : []));
  }
}

/** The last good answer; one that can't be read any more is as good as none: the server has it. */
function readKept(home: string): z.infer<typeof Kept> | undefined {
  try {
    return Kept.parse(JSON.parse(readIfThere(keptFile(home)) ?? ''));
  } catch {
    return undefined;
  }
}

/** What the server last told the sentinel of `home` to do; undefined if that is not known. */
export function lastAssignments(home: string): Assignments | undefined {
  return readKept(home)?.assignments;
}

function keptFile(home: string): string {
  return path.join(home, 'assignments.json');
}
