import fs from 'node:fs';
import path from 'node:path';
import { buildMonitor, buildSentinel } from '../../db/customer/build-customer.ts';
import { customerMigrations } from '../../db/customer/migrations.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { openDatabase } from '../../db/open-database.ts';
import { buildAssignment } from '../../sentinel/build-assignment.ts';
import type { Assignment } from '../../sentinel/protocol/messages.ts';
import { uuidOf } from './chance.ts';
import { Desk } from './desk.ts';
import { Disk } from './disk.ts';
import { endServer, type Scene } from './faults.ts';
import type { History } from './history.ts';
import { Ledger } from './ledger.ts';
import { fair, type Identities } from './network.ts';
import { SimulatedServer } from './server.ts';
import type { World } from './world.ts';

/** Faults that can be planted in the product, to see that a simulation finds them. */
export const sabotages = [
  'commits that are not synced',
  'acknowledged before the commit',
  'removed before the answer',
  'whoever answers is trusted',
] as const;
export type Sabotage = (typeof sabotages)[number];

export interface Plan {
  world: World;
  history: History;
  identities: Identities;
  /** An empty folder, and a customer database without rows. */
  folder: string;
  emptyDatabase: string;
  sabotage: Sabotage | undefined;
}

const dayMs = 86_400_000;

/** A server and one or two desks with as many monitors each, not started yet. */
export async function buildStage(plan: Plan): Promise<Scene> {
  const { world, history, folder, emptyDatabase, sabotage } = plan;
  const database = path.join(folder, 'live.sqlite');
  fs.copyFileSync(emptyDatabase, database);
  const names = Array.from({ length: world.chance.between(1, 2) }, (_, i) => `desk-${i + 1}`);
  const ids = names.map(() => uuidOf(world.chance));
  const assignments = await fill(database, ids, plan);
  const server = new SimulatedServer(world, history, database, sabotage === 'acknowledged before the commit');
  const desks = names.map((name, i) => buildDesk(plan, server, { name, database, id: ids[i] ?? '', assignments }));
  const scene = { world, server, desks };
  server.onEnd = () => void endServer(scene);
  return scene;
}

/** Sentinels and monitors, as rows and as what the sentinels are told to do. */
async function fill(database: string, sentinels: readonly string[], { world }: Plan): Promise<Assignment[]> {
  const db = (await openDatabase(database, customerMigrations)) as CustomerDb;
  for (const id of sentinels) await buildSentinel(db, { id, location_id: uuidOf(world.chance) });
  const assignments: Assignment[] = [];
  for (let i = world.chance.between(1, 2); i > 0; i--) {
    const { id } = await buildMonitor(db, { id: uuidOf(world.chance), script_id: uuidOf(world.chance) });
    const schedule = { everyMs: world.chance.pick([30_000, 60_000, 120_000]) };
    assignments.push(buildAssignment({ monitorId: id, schedule, confirmFailures: world.chance.hit(0.5) }));
  }
  await db.destroy();
  return assignments;
}

interface Place {
  name: string;
  id: string;
  database: string;
  assignments: readonly Assignment[];
}

function buildDesk(plan: Plan, server: SimulatedServer, { name, id, database, assignments }: Place): Desk {
  const { world, history, identities, sabotage } = plan;
  const home = path.join(plan.folder, name);
  fs.mkdirSync(home);
  return new Desk({
    name,
    sentinelId: id,
    disk: new Disk(home, world.chance, sabotage === 'commits that are not synced'),
    road: {
      ...{ world, history, identities, server, weather: { ...fair } },
      isUnpinned: sabotage === 'whoever answers is trusted',
    },
    ledger: new Ledger(database, id),
    assignments,
    bounds: { maxBytes: world.chance.pick([6000, 20_000, 1_000_000]), maxAgeMs: dayMs },
    isRash: sabotage === 'removed before the answer',
  });
}
