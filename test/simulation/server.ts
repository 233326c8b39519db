import { EventEmitter } from 'node:events';
import { z } from 'zod';
import { customerMigrations } from '../../db/customer/migrations.ts';
import type { CustomerDb, CustomerId, Customers } from '../../db/customers.ts';
import { openDatabase } from '../../db/open-database.ts';
import type { Asked } from '../../sentinel/link/connection.ts';
import { apiPrefix, Heartbeat, headers, RunBatch } from '../../sentinel/protocol/messages.ts';
import { keepSkips } from '../../server/assignments/keep-skips.ts';
import type { ServerEvents } from '../../server/http/context.ts';
import { HttpProblem } from '../../server/http/problem.ts';
import { sharedCommits } from '../../server/ingest/shared-commits.ts';
import { Broken, type History } from './history.ts';
import { Being, type World } from './world.ts';

export interface Answer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  json?: unknown;
}

/** What may happen while the server stores runs, once. */
export const storeFaults = [
  'server killed before a commit',
  'server killed in a commit',
  'server killed after a commit',
  'server disk error',
] as const;
export type StoreFault = (typeof storeFaults)[number];

/** A statement of those that a commit takes. */
const someStatement = 6;
/** What waits on the server's disk for each commit, ms. */
const slowestCommitMs = 400;

/** The server as sentinels meet it: the real ingest on a real customer database; nothing of the web server around it. */
export class SimulatedServer {
  readonly #world: World;
  readonly #history: History;
  readonly #database: string;
  #being: Being;
  #db: CustomerDb | undefined;
  #store: ReturnType<typeof sharedCommits> | undefined;
  /** Rises with each start. */
  life = 0;
  next: StoreFault | undefined;
  /** Told when the server ends by a fault of its own. */
  onEnd: () => void = () => {};
  /** For a planted fault: what to answer before anything is stored. */
  readonly answersEarly: boolean;

  constructor(world: World, history: History, database: string, answersEarly: boolean) {
    this.#world = world;
    this.#history = history;
    this.#database = database;
    this.answersEarly = answersEarly;
    this.#being = new Being(world, 'server');
  }

  get isUp(): boolean {
    return this.#store !== undefined;
  }

  async start(): Promise<void> {
    this.#being = new Being(this.#world, 'server');
    this.#db = (await openDatabase(this.#database, customerMigrations)) as CustomerDb;
    const events = new EventEmitter<ServerEvents>();
    this.#store = sharedCommits({ customers: this.#customers(this.#being), events, now: () => this.#world.now });
    this.life++;
    this.#history.tell('server', 'is up');
  }

  /** Ends it at once; what its database has committed stays. */
  async kill(): Promise<void> {
    this.#being.die();
    this.#store = undefined;
    await this.#db?.destroy();
    this.#db = undefined;
    this.#history.tell('server', 'is killed', 'server killed');
  }

  /** The answer to a message; none if the server ends, or is gone, before it has one. */
  handle(asked: Asked): Promise<Answer | undefined> {
    const being = this.#being;
    if (!this.isUp) return Promise.resolve(undefined);
    const answer = being.live(() => this.#answer(asked)).catch(problemOf);
    return Promise.race([answer.then((given) => (being.isAlive ? given : undefined)), being.ended]);
  }

  async #answer(asked: Asked): Promise<Answer> {
    const path = asked.path.slice(apiPrefix.length);
    const sentinelId = asked.headers?.[headers.sentinel] ?? '';
    if (path === '/runs') return this.#runs(sentinelId, String(asked.body));
    if (path.startsWith('/evidence/')) return this.#evidence(path.slice('/evidence/'.length));
    if (path !== '/heartbeats') throw new HttpProblem(404, 'NOT_FOUND', 'there is nothing at this address');
    return this.#heartbeat(sentinelId, String(asked.body));
  }

  async #heartbeat(sentinelId: string, body: string): Promise<Answer> {
    const { skips = [], clockOffsetMs = 0 } = this.#read(Heartbeat, body);
    const now = this.#world.now;
    const kept = this.#db && (await keepSkips(this.#db, sentinelId, skips, clockOffsetMs, now));
    return { status: 200, json: { serverTime: now, skips: kept } };
  }

  /** What a sentinel sends is never so that the server doesn't understand it. */
  #read<T>(schema: z.ZodType<T>, body: string): T {
    const read = schema.safeParse(JSON.parse(body));
    if (read.success) return read.data;
    this.#world.fail(new Broken(`the server does not understand ${body}: ${z.prettifyError(read.error)}`));
    throw read.error;
  }

  async #runs(sentinelId: string, body: string): Promise<Answer> {
    const { runs } = this.#read(RunBatch, body);
    const stored = this.#store?.('customer' as CustomerId, { sentinelId, runs, bytes: body.length });
    if (this.answersEarly) {
      stored?.catch(() => {}); // which is the fault that was planted
      const early = runs.map((run) => ({ id: (run as { id: string }).id, status: 'stored' }));
      return { status: 200, json: { runs: early, serverTime: this.#world.now } };
    }
    const answers = (await stored) ?? [];
    for (const { status } of answers) this.#history.reach(`run ${status}`);
    this.#history.tell('server', `answers for ${answers.map(({ id, status }) => `${short(id)} ${status}`).join(', ')}`);
    return { status: 200, json: { runs: answers, serverTime: this.#world.now } };
  }

  /** The server takes a file only of a run that it has. */
  async #evidence(sha256: string): Promise<Answer> {
    const row = await this.#db?.('evidence').where({ sent_sha256: sha256 }).first('run_id');
    if (!row) throw new HttpProblem(404, 'NOT_FOUND', 'no run names this file');
    this.#history.tell('server', `has evidence ${sha256.slice(0, 8)}`, 'evidence taken');
    return { status: 204 };
  }

  /** The customer's database behind a disk that takes its time, and that may fail or be the last thing the server sees. */
  #customers(being: Being): Customers {
    const pause = () => new Promise<void>((go) => being.later(this.#world.chance.between(1, slowestCommitMs), go));
    const use: Customers['use'] = async (_, work) => {
      await pause();
      const fault = this.next;
      this.next = undefined;
      if (fault) this.#history.tell('server', fault, fault);
      if (fault === 'server killed before a commit') await this.#end();
      const db = this.#db;
      if (!db || !being.isAlive) throw new Error('the server has ended');
      const isFailing = fault === 'server disk error' || fault === 'server killed in a commit';
      const result = await (isFailing ? this.#failing(db, () => work(db)) : work(db)).finally(() =>
        fault === 'server killed in a commit' ? this.#end() : undefined,
      );
      if (fault === 'server killed after a commit') await this.#end();
      await pause();
      return result;
    };
    return { use, beforeClosing() {}, folder: () => '', forget: async () => {}, close: async () => {} };
  }

  /** One of its statements fails, so that the whole is rolled back, as it is after a crash. */
  async #failing<T>(db: CustomerDb, work: () => Promise<T>): Promise<T> {
    let left = this.#world.chance.between(1, someStatement);
    const fail = ({ sql }: { sql: string }) => {
      // A COMMIT that fails is rolled back by SQLite itself, of which knex knows nothing; thrown here it would not be.
      if (sql !== 'COMMIT;' && --left === 0) throw new Error('disk I/O error');
    };
    db.on('query', fail);
    try {
      return await work();
    } finally {
      db.removeListener('query', fail);
    }
  }

  async #end(): Promise<void> {
    this.#being.die();
    this.onEnd();
  }
}

function problemOf(error: unknown): Answer {
  const known = error instanceof HttpProblem ? error : new HttpProblem(500, 'SERVER_ERROR', 'the server failed');
  const { status, code, message, headers } = known;
  return { status, headers, json: { type: 'about:blank', title: 'No', status, code, detail: message } };
}

/** The part of an id that differs between runs of one moment. */
export function short(id: string): string {
  return id.slice(-8);
}
