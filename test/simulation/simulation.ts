import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { customerMigrations } from '../../db/customer/migrations.ts';
import { openDatabase } from '../../db/open-database.ts';
import type { Desk } from './desk.ts';
import { brew, heal } from './faults.ts';
import { Broken, History } from './history.ts';
import { buildIdentities, type Identities } from './network.ts';
import { buildStage, type Plan, type Sabotage } from './stage.ts';
import { beginning, World } from './world.ts';

/** One simulated world and what became of it. */
export interface Outcome {
  seed: number;
  /** Names the history: the same seed has the same. */
  hash: string;
  events: number;
  simulatedMs: number;
  /** How often each rare path was reached. */
  reached: Record<string, number>;
  /** The promise that was broken, and how it came to that. */
  broken?: { why: string; tail: readonly string[] };
}

const minuteMs = 60_000;
/** How long faults happen: in most worlds short, since many short lives meet more than a few long ones. */
const storms = [2, 3, 4, 8].map((minutes) => minutes * minuteMs);
/** Once everything works again, all is delivered within this time. */
const calmMs = 40 * minuteMs;
/** A sentinel at work has looked at its schedule within this time. */
const turnMs = 15_000;
/** A run that is going, and one that confirms it, are over within this time. */
const goingMs = minuteMs;
/** To end by itself takes a sentinel no longer than this. */
const stopMs = minuteMs;

/** What all worlds of a thread have in common: certificates, and a customer database without rows. */
export class Simulation implements Disposable {
  readonly #folder: string;
  readonly #identities: Identities;
  #worlds = 0;

  private constructor(folder: string, identities: Identities) {
    this.#folder = folder;
    this.#identities = identities;
  }

  static async open(): Promise<Simulation> {
    const inMemory = '/dev/shm'; // what is synced the simulated disk decides; real syncs would only take time
    const folder = fs.mkdtempSync(path.join(fs.existsSync(inMemory) ? inMemory : os.tmpdir(), 'vedette-simulation-'));
    const db = await openDatabase(path.join(folder, 'empty.sqlite'), customerMigrations);
    await db.destroy();
    return new Simulation(folder, await buildIdentities());
  }

  /** Lives one world through. */
  async run(seed: number, sabotage?: Sabotage): Promise<Outcome> {
    const folder = path.join(this.#folder, `world-${++this.#worlds}`);
    fs.mkdirSync(folder);
    const world = new World(seed);
    const history = new History(() => world.elapsedMs);
    const emptyDatabase = path.join(this.#folder, 'empty.sqlite');
    const plan = { world, history, identities: this.#identities, folder, emptyDatabase, sabotage };
    const broken = await live(plan).then(
      () => undefined,
      (error: unknown) => ({ why: reasonOf(error), tail: history.tail }),
    );
    fs.rmSync(folder, { recursive: true });
    const told = { hash: history.hash(), events: history.events, reached: Object.fromEntries(history.counts) };
    return { seed, ...told, simulatedMs: world.elapsedMs, ...(broken ? { broken } : {}) };
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A storm of faults, then calm, in which all must be delivered; then what was promised is compared with what is there. */
async function live(plan: Plan): Promise<void> {
  const stage = await buildStage(plan);
  const { world, history } = plan;
  const { server, desks } = stage;
  await using ends = new AsyncDisposableStack();
  for (const { settings } of desks) ends.use(settings.ledger);
  ends.defer(() => server.kill());
  for (const desk of desks) ends.defer(() => desk.crash('kill'));
  ends.defer(() => history.end());
  await server.start();
  for (const desk of desks) desk.start();
  const stormMs = world.chance.pick(storms);
  brew(stage, stormMs);
  await world.pass(stormMs);
  await heal(stage);
  await world.pass(turnMs);
  for (const desk of desks) desk.close();
  const closedAt = world.now;
  await world.pass(goingMs);
  const isQuiet = () => server.isUp && desks.every((desk) => desk.spool?.isDrained);
  if (!(await world.pass(calmMs, isQuiet))) throw new Broken('everything works again, and not all was delivered');
  for (const desk of desks) compare(desk, closedAt);
  for (const desk of desks) desk.stop();
  if (!(await world.pass(stopMs, () => desks.every((desk) => !desk.spool))))
    throw new Broken('a sentinel did not stop');
}

function compare({ spool, settings, wasStepped, wasAtWork }: Desk, closedAt: number): void {
  if (!spool) throw new Broken(`${settings.name} is not at work`);
  settings.ledger.compare(spool);
  if (!wasStepped) settings.ledger.compareTimes(settings.assignments, beginning, closedAt + 1);
  if (!wasStepped && wasAtWork) settings.ledger.compareAllTimes(settings.assignments, spool, closedAt + 1);
  const { dropped, droppedEvidence, rejected } = spool.depth();
  const counted = { 'run dropped and counted': dropped, 'evidence dropped and counted': droppedEvidence };
  const rarities = { ...settings.ledger.rarities(), ...counted, 'run set aside': rejected };
  for (const [name, times] of Object.entries(rarities)) settings.road.history.reach(name, times);
}

function reasonOf(error: unknown): string {
  if (error instanceof Broken) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
