import path from 'node:path';
import { heartbeatLoop } from '../../sentinel/link/heartbeat.ts';
import { Link } from '../../sentinel/link/link.ts';
import { Push } from '../../sentinel/link/push.ts';
import { Problems } from '../../sentinel/problems.ts';
import { type Assignment, ScriptStatement } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { scheduleLoop } from '../../sentinel/schedule/loop.ts';
import { SpareMemory } from '../../sentinel/schedule/spare-memory.ts';
import { openSeal } from '../../sentinel/seal.ts';
import type { SpoolBounds } from '../../sentinel/spool/bounds.ts';
import { Memory } from '../../sentinel/spool/memory.ts';
import { Wake } from '../../sentinel/wake.ts';
import type { Disk } from './disk.ts';
import type { Ledger } from './ledger.ts';
import { type Road, SimulatedConnection } from './network.ts';
import { ChanceRunner } from './runner.ts';
import { WatchedSpool } from './watched-spool.ts';
import { Being } from './world.ts';

export interface DeskSettings {
  name: string;
  sentinelId: string;
  disk: Disk;
  road: Road;
  ledger: Ledger;
  assignments: readonly Assignment[];
  bounds: SpoolBounds;
  /** A planted fault: runs leave the spool when they are sent. */
  isRash: boolean;
}

/** Whoever starts it again does so within this time, ms. */
const slowestStartMs = 60_000;

/** A device with a sentinel: its real spool, schedule, push and heartbeat, on a simulated disk and network, with no browser. */
export class Desk {
  readonly settings: DeskSettings;
  /** What its clock is wrong by, ms, and whether it ever was set. */
  skewMs = 0;
  wasStepped = false;
  /** Whether it was at work when it was closed. */
  wasAtWork = false;
  #isClosing = false;
  #being: Being | undefined;
  #spool: WatchedSpool | undefined;
  #stop = new AbortController();

  constructor(settings: DeskSettings) {
    this.settings = settings;
    settings.disk.onEnd = (how) => this.crash(how);
    settings.disk.onFault = (fault) => this.tell(fault, fault);
  }

  /** The spool of a sentinel that is at work. */
  get spool(): WatchedSpool | undefined {
    return this.#spool;
  }

  start(): void {
    if (this.#being) return;
    this.tell('starts');
    const being = new Being(this.settings.road.world, this.settings.name, () => this.skewMs);
    this.#being = being;
    this.#stop = new AbortController();
    const { signal } = this.#stop;
    being
      .live(() => this.#work(being, signal))
      .then(() => this.#ended(being, 'has stopped'))
      .catch((error: unknown) => this.#broke(being, error));
  }

  /** As SIGTERM does. */
  stop(): void {
    if (this.#being) this.tell('is told to stop', 'clean stop');
    this.#being?.live(() => this.#stop.abort());
  }

  /** No run begins any more. */
  close(): void {
    this.#isClosing = true;
    this.wasAtWork = this.#spool !== undefined;
  }

  crash(how: 'kill' | 'power cut'): void {
    if (!this.#being) return;
    this.#being.die();
    this.settings.disk.crash(how);
    this.#ended(this.#being, how, how);
  }

  tell(what: string, reached?: string): void {
    this.settings.road.history.tell(this.settings.name, what, reached);
  }

  /** What `runSentinel` does, without what isn't simulated. */
  async #work(being: Being, signal: AbortSignal): Promise<void> {
    const { road, sentinelId, disk, bounds, ledger, isRash } = this.settings;
    const seal = openSeal(disk.folder, 'spool');
    const openDatabase = (file: string) => disk.open(file);
    const settings = { file: path.join(disk.folder, 'spool.sqlite'), seal, bounds, openDatabase, reserveBytes: 0 };
    const fail = (error: Error) => road.world.fail(error);
    using spool = new WatchedSpool(settings, { ledger, isRash, fail, tell: (what) => this.tell(what) });
    this.#spool = spool;
    const memory = new Memory(spool.file);
    const problems = new Problems((sentences) => memory.note('problems', JSON.stringify(sentences)));
    const { trust } = road.identities;
    const connect = () => new SimulatedConnection(road, being, trust);
    const uptime = () => road.world.elapsedMs;
    await using link = new Link({ server: 'https://localhost', trust, sentinelId, apiKey: 'key', connect, uptime });
    const [wake, stored] = [new Wake(), new Wake()];
    const runner = new ChanceRunner(road.world.chance);
    const schedule = {
      ...{ sentinelId, memory, problems, wake, spool },
      keeper: {
        current: () => (this.#isClosing ? [] : this.settings.assignments),
        trials: () => [],
        trust: trusted,
      },
      scripts: { load: () => ({ state: 'here', code: '' }) as const },
      vault: { secret: () => undefined },
      runners: { all: [runner], sandboxLevel: 3 } as const,
      processors: { at: () => 2, begun() {} },
      clocks: { now: () => Date.now(), uptime },
      spareMemory: new SpareMemory(() => {}),
      clock: link,
      onStored: () => stored.ring(),
      log() {},
    };
    const lenient = {
      trust: { pinSet: sha256Hex('pins'), news: new Wake() },
      rules: { pause: undefined },
      refused: () => [],
      vault: { names: () => [] },
    };
    await Promise.all([
      scheduleLoop(schedule, signal),
      new Push(spool, link).loop(stored, problems, signal),
      heartbeatLoop({ link, spool, problems, memory, runner, ...lenient }, signal),
    ]);
  }

  /** It ended by itself, as it may when its disk can't be used at the start; whoever started it does so again. */
  #broke(being: Being, error: unknown): void {
    if (!being.isAlive) return;
    if (this.#spool) this.settings.road.world.fail(error);
    this.#ended(being, `can't start: ${error instanceof Error ? error.message : error}`, 'start refused');
  }

  #ended(being: Being, how: string, reached?: string): void {
    if (this.#being !== being) return;
    being.die();
    this.tell(how, reached);
    this.#being = undefined;
    this.#spool = undefined;
    const { world } = this.settings.road;
    world.plan(world.chance.between(100, slowestStartMs), () => this.start());
  }
}

function trusted(assignment: Assignment) {
  return { ok: true as const, statement: ScriptStatement.parse(JSON.parse(assignment.script.statement)) };
}
