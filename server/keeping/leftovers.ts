import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { CustomerId } from '../../db/customers.ts';
import { databaseFile, dropDatabase, engineFor, schemaAt } from '../databases/customer-database.ts';
import { removeUnfinished, unfinished } from '../databases/unfinished.ts';
import type { ServerContext } from '../http/context.ts';
import { unfinishedEnd } from './backup-folder.ts';
import { workingCopyPrefix } from './working-copy.ts';

/** Something that a crash left, which nothing refers to. */
export interface Leftover {
  path: string;
  /** When it was begun (ms). */
  since: number;
  /** Of a customer that was being made: its schema, if it was to have one. */
  schema: string | null;
}

/** What looks as if it was cut short may be under way; nothing takes as long as this (ms). */
export const surelyOver = 24 * 3_600_000;

interface Found extends Leftover {
  remove(): Promise<void>;
}

/**
 * What was begun and never ended: customers that were being added or imported, working copies of imports, and below
 * `backups` backups. Also databases of customers that earlier versions erased and left in a folder apart from the data. All
 * of it is at least `ageMs` old. Customers that the registry knows, and erasures that were not ended, are none of it.
 */
export async function leftovers(server: ServerContext, backups?: string, ageMs = surelyOver): Promise<Found[]> {
  const copies = namesIn(server.dataFolder).filter((name) => name.startsWith(workingCopyPrefix));
  const ofBackups = backups === undefined ? [] : namesIn(backups).filter((name) => name.endsWith(unfinishedEnd));
  const all = [
    ...(await customersLeft(server)),
    ...(await erasedLeft(server)),
    ...copies.map((name) => fileLeft(join(server.dataFolder, name))),
    ...ofBackups.map((name) => fileLeft(join(backups ?? '', name))),
  ];
  return all.filter(({ since }) => since <= server.now() - ageMs);
}

async function customersLeft(server: ServerContext): Promise<Found[]> {
  const { registry, dataFolder, customers } = server;
  const known: string[] = [
    ...(await registry('customers').pluck('id')),
    ...(await registry('erasures').whereNull('ended_at').pluck('id')),
  ];
  const found: Found[] = [];
  for (const id of namesIn(join(dataFolder, 'customers')).filter((name) => !known.includes(name)) as CustomerId[]) {
    const mark = unfinished(server, id);
    if (!mark) continue;
    const { databaseServer: database_server } = mark;
    const place = { id, engine: engineFor(server, database_server), database_server, connection: null };
    const remove = () => removeUnfinished(server, id);
    found.push({ ...fileLeft(customers.folder(id)), schema: await schemaAt(server, place), remove });
  }
  return found;
}

async function erasedLeft(server: ServerContext): Promise<Found[]> {
  const { registry, customers } = server;
  const erased: CustomerId[] = await registry('erasures')
    .whereNotNull('ended_at')
    .whereNotIn('id', registry('customers').select('id'))
    .pluck('id');
  return erased.flatMap((id) => {
    const file = resolve(databaseFile(server, id));
    // In the data folder it went with all else of the customer: what is there now may belong to another registry.
    const isApart = dirname(file) !== resolve(customers.folder(id));
    if (!isApart || !existsSync(file) || unfinished(server, id)) return [];
    const remove = () => dropDatabase(server, { id, engine: 'sqlite', database_server: null, connection: null });
    return [{ ...fileLeft(dirname(file)), remove }];
  });
}

function fileLeft(path: string): Found {
  const remove = async () => rmSync(path, { recursive: true, force: true });
  return { path, since: statSync(path).mtimeMs, schema: null, remove };
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
