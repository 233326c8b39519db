import { existsSync, renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Knex } from 'knex';
import { z } from 'zod';
import { syncFolder } from '../../certs/private-file.ts';
import { Fingerprint, fingerprint } from '../../db/copy/fingerprint.ts';
import { type Table, tablesOf } from '../../db/copy/tables.ts';
import { customerMigrations } from '../../db/customer/migrations.ts';
import { DatabaseUnusable } from '../../db/database-unusable.ts';
import { openReadOnly } from '../../db/engines/sqlite.ts';
import { openDatabase } from '../../db/open-database.ts';
import { removeFile } from '../../db/remove-file.ts';
import { readHours } from '../../sentinel/protocol/hours.ts';
import { Refused } from '../http/refused.ts';
import { timeZone } from '../reports/query-parts.ts';
import { syncFile } from './on-disk.ts';

/*
 * An export is one SQLite file, so that whoever has it can read it with any tool for SQLite: a customer's tables as they
 * are, and three of the export's own, which hold the rest.
 */

const months = z.int().max(1200);

/** What an export says of itself. */
export const About = z.object({
  /** Of the tables below; rises when an older program could not read it. */
  form: z.literal(1),
  madeAt: z.int(),
  customer: z.object({
    ...{ id: z.uuid(), name: z.string(), timeZone, createdAt: z.int() },
    businessHours: z.string().refine(areHours, 'must be hours of a week').nullable().default(null),
    /** Whoever let nobody in is not to be undone by a restore. */
    suspendedAt: z.int().nullable().default(null),
    suspendedWhy: z.string().nullable().default(null),
    passwordRenewal: z.literal('without-second-factor').nullable().default(null),
    archiveMonthsLive: months.min(1).nullable().default(null),
    archiveEraseMonths: months.min(1).nullable().default(null),
    archiveHourMonths: months.min(0).nullable().default(null),
  }),
  /** Whose passwords its users have: another server can't check them. */
  passwordKeyId: z.string(),
  scriptKeyPem: z.string(),
  /** By table. */
  tables: z.record(z.string(), Fingerprint),
  files: z.object({
    count: z.int(),
    bytes: z.int(),
    /** Evidence that the database names and the store does not have. */
    missing: z.int(),
  }),
});
export type About = z.infer<typeof About>;

const about = 'export_about';
const files = 'export_files';
const registryRows = 'export_registry';

export interface FileRow {
  sha256: string;
  content: Buffer;
}

/** Rows of the registry that belong to the customer. */
export interface RegistryRow {
  position: number;
  table_name: string;
  /** JSON */
  row: string;
}

export interface ExportFile {
  db: Knex;
  tables: readonly Table[];
  files(): Knex.QueryBuilder<FileRow>;
  registryRows(): Knex.QueryBuilder<RegistryRow>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes the file `to` by `fill`, whole or not at all: it has its name once it is complete and on the disk, for its owner
 * alone. Throws `Refused` if there is such a file.
 */
export async function makeExportFile(to: string, fill: (file: ExportFile) => Promise<About>): Promise<About> {
  if (existsSync(to)) throw new Refused(`there is a file ${to} already: choose another name, or remove it`);
  const unfinished = `${to}.unfinished`;
  removeFile(unfinished);
  try {
    const filled = await fillFile(unfinished, fill);
    syncFile(unfinished);
    renameSync(unfinished, to);
    syncFolder(dirname(resolve(to)));
    return filled;
  } catch (error) {
    removeFile(unfinished);
    throw error;
  }
}

async function fillFile(path: string, fill: (file: ExportFile) => Promise<About>): Promise<About> {
  await using file = await openExportFile(path);
  const { db } = file;
  await db.schema.createTable(about, (t) => {
    t.text('about').notNullable();
  });
  await db.schema.createTable(files, (t) => {
    t.string('sha256', 64).primary();
    t.binary('content').notNullable();
  });
  await db.schema.createTable(registryRows, (t) => {
    t.integer('position').primary();
    t.string('table_name', 100).notNullable();
    t.text('row').notNullable();
  });
  const filled = await fill(file);
  await db(about).insert({ about: JSON.stringify(filled) });
  await db.raw('pragma journal_mode = delete'); // so that it is one file
  return filled;
}

/** Opens an export and brings its tables to what this program knows. Throws `DatabaseUnusable` and `SchemaTooNew`. */
export async function openExportFile(path: string): Promise<ExportFile> {
  const db = await openDatabase(path, customerMigrations);
  return {
    db,
    tables: (await tablesOf(db)).filter(({ name }) => ![about, files, registryRows].includes(name)),
    files: () => db<FileRow>(files),
    registryRows: () => db<RegistryRow>(registryRows),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}

/**
 * Opens a copy of `from`. Throws `Refused` if that is no export, or its tables are not what it says of them, and as
 * `openExportFile`.
 */
export async function openWholeExport(copy: string, from: string): Promise<ExportFile> {
  await checkExport(copy, from);
  return openExportFile(copy);
}

/** It is looked at before it is opened: that brings the tables of whatever it is to this version's schema, and changes rows. */
async function checkExport(path: string, from: string): Promise<void> {
  const db = openReadOnly(path);
  try {
    if (!(await isExport(db))) {
      const next = 'give a file that `vedette-server customer export` or `backup` made';
      throw new Refused(`${from} is no export of a customer, or damaged: ${next}`);
    }
    const recorded = new Map(Object.entries((await readAbout({ db }, from)).tables));
    for (const table of await tablesOf(db)) {
      const own = recorded.get(table.name);
      if (own && !isDeepStrictEqual(own, await fingerprint(db, table))) throw notWhole(`the table ${table.name}`);
      recorded.delete(table.name);
    }
    for (const name of recorded.keys()) throw notWhole(`the table ${name}`);
  } finally {
    await db.destroy();
  }
}

async function isExport(db: Knex): Promise<boolean> {
  try {
    return await db.schema.hasTable(about);
  } catch (error) {
    if (error instanceof DatabaseUnusable) return false; // no file of SQLite
    throw error;
  }
}

export function notWhole(what: string): Refused {
  return new Refused(`${what} is not what the export says it has: the file is damaged; nothing was imported`);
}

/** What an export says of itself. Throws `Refused` if it is none, or one of a newer program. */
export async function readAbout({ db }: Pick<ExportFile, 'db'>, path: string): Promise<About> {
  const row = await db(about).first();
  const parsed = About.safeParse(JSON.parse(row?.about ?? 'null'));
  if (parsed.success) return parsed.data;
  throw new Refused(`${path} is no export that this version can read: it was made by a newer one, or cut short`);
}

function areHours(text: string): boolean {
  try {
    return readHours(text).length > 0;
  } catch {
    return false;
  }
}
