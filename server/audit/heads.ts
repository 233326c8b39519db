import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { keepPrivateFile, openPrivateFolder, readIfThere } from '../../certs/private-file.ts';
import { auditKeys } from './audit-key.ts';
import { signedText, statementOf } from './signed-text.ts';
import type { Head } from './verify.ts';

/*
 * Whoever can write to a database can write its whole trail anew, hashes and all. So once an hour the last entry of each
 * trail is signed and written to a folder outside: one file each time, which names the SHA-256 of the file before. That a
 * customer was erased is told by such a file too: an entry in a database is anybody's who can write there.
 */

/** The trail of the registry. */
export const providerTrail = 'provider';

const Statement = z.object({
  /** ms since 1970 */
  at: z.int(),
  /** SHA-256 of the file before; null in the first. */
  before: z.string().nullable(),
  /** By trail: `provider`, or a customer's id. Those that are as they were may be left out. */
  heads: z.record(z.string(), z.object({ id: z.int().nonnegative(), hash: z.string() })),
  /** A customer that was erased: what earlier files say of its trail counts no more, it may come back with an older one. */
  erased: z.string().optional(),
});
type Statement = z.infer<typeof Statement>;

export type Heads = Readonly<Record<string, Head>>;

interface Place {
  /** Where the files lie. */
  folder: string;
  /** Where the keys are. */
  dataFolder: string;
}

interface Written {
  file: string;
  sha256: string;
}

/** Signs these heads and adds them as the next file; returns its name and SHA-256. Throws `FolderUnusable`. */
export function writeHeads(place: Place, heads: Heads, at: number): Written {
  return write(place, { at, heads });
}

/** Signs that a customer was erased, and adds that as the next file; as above. */
export function writeErasure(place: Place, erased: string, at: number): Written {
  return write(place, { at, heads: {}, erased });
}

function write({ folder, dataFolder }: Place, said: Omit<Statement, 'before'>): Written {
  openPrivateFolder(folder);
  for (;;) {
    const last = namesIn(folder).at(-1);
    const before = last === undefined ? null : sha256(textOf(folder, last));
    const text = signedText(dataFolder, JSON.stringify({ ...said, before } satisfies Statement));
    const file = nameAfter(last, said.at);
    // Where another server wrote the same number at this moment, ours comes after it.
    if (keepPrivateFile(join(folder, file), () => text) === text) return { file, sha256: sha256(text) };
  }
}

export interface SignedHeads {
  files: number;
  /** When the last was written, ms since 1970; null if there is none. */
  latestAt: number | null;
  /** By trail: the entries that were its last ones when they were signed; of a customer's, since it was last erased. */
  byTrail: ReadonlyMap<string, readonly Head[]>;
  /** What is wrong with the files. */
  faults: string[];
}

/** All heads that were ever signed and still count. What can't be believed is told of, and left out. */
export function readHeads(place: Place): SignedHeads {
  const byTrail = new Map<string, Head[]>();
  const faults: string[] = [];
  let [files, latestAt]: [number, number | null] = [0, null];
  for (const { name, statement, follows } of filesOf(place)) {
    files++;
    if (!statement) faults.push(`${name} is not as it was signed`);
    else if (!follows) faults.push(`${name} does not follow the file before: one is missing or put in`);
    else if (statement.erased !== undefined) byTrail.delete(statement.erased);
    for (const [trail, head] of Object.entries(statement?.heads ?? {})) {
      const known = byTrail.get(trail) ?? [];
      byTrail.set(trail, known);
      known.push(head);
    }
    latestAt = statement?.at ?? latestAt;
  }
  return { files, latestAt, byTrail, faults };
}

/** The customers that were erased since this file was written, one after the other. */
export function erasedSince(place: Place, file: string): string[] {
  return [...filesOf(place, file)].flatMap(({ statement, follows }) =>
    follows && statement?.erased !== undefined ? [statement.erased] : [],
  );
}

interface HeadsFile {
  name: string;
  /** None if nobody signed what stands there. */
  statement: Statement | undefined;
  /** Whether it names the file before as that is. */
  follows: boolean;
}

/** The files in their order, from the one after `since` on. */
function* filesOf({ folder, dataFolder }: Place, since = ''): Generator<HeadsFile> {
  const keys = auditKeys(dataFolder);
  let before = since === '' ? null : sha256(textOf(folder, since));
  for (const name of namesIn(folder).filter((name) => name > since)) {
    const text = textOf(folder, name);
    const statement = believed(text, keys);
    yield { name, statement, follows: statement?.before === before };
    before = sha256(text);
  }
}

function believed(text: string, keys: ReturnType<typeof auditKeys>): Statement | undefined {
  const statement = statementOf(text, keys);
  return statement === undefined ? undefined : Statement.safeParse(JSON.parse(statement)).data;
}

function textOf(folder: string, name: string): string {
  return readIfThere(join(folder, name)) ?? '';
}

/** In the order in which they were written. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{8}-.*\.json$/.test(name))
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** `00000042-2026-11-22T14-00.json`: the number counts, the time is for people. */
function nameAfter(last: string | undefined, at: number): string {
  const number = Number(last?.slice(0, 8) ?? 0) + 1;
  const time = new Date(at).toISOString().slice(0, 16).replace(':', '-');
  return `${String(number).padStart(8, '0')}-${time}.json`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
