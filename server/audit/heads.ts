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
 * trail is signed and written to a folder outside: one file each time, which names the SHA-256 of the file before.
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
});

export type Heads = Readonly<Record<string, Head>>;

interface Place {
  /** Where the files lie. */
  folder: string;
  /** Where the keys are. */
  dataFolder: string;
}

/** Signs these heads and adds them as the next file; returns its name and SHA-256. Throws `FolderUnusable`. */
export function writeHeads({ folder, dataFolder }: Place, heads: Heads, at: number): { file: string; sha256: string } {
  openPrivateFolder(folder);
  for (;;) {
    const last = namesIn(folder).at(-1);
    const before = last === undefined ? null : sha256(readIfThere(join(folder, last)) ?? '');
    const statement = JSON.stringify({ at, before, heads } satisfies z.input<typeof Statement>);
    const text = signedText(dataFolder, statement);
    const file = nameAfter(last, at);
    // Where another server wrote the same number at this moment, ours comes after it.
    if (keepPrivateFile(join(folder, file), () => text) === text) return { file, sha256: sha256(text) };
  }
}

export interface SignedHeads {
  files: number;
  /** When the last was written, ms since 1970; null if there is none. */
  latestAt: number | null;
  /** By trail: the entries that were its last ones, each with the time at which it was signed as such. */
  byTrail: ReadonlyMap<string, readonly (Head & { at: number })[]>;
  /** What is wrong with the files. */
  faults: string[];
}

/** All heads that were ever signed. What can't be believed is told of, and left out. */
export function readHeads({ folder, dataFolder }: Place): SignedHeads {
  const keys = auditKeys(dataFolder);
  const byTrail = new Map<string, (Head & { at: number })[]>();
  const faults: string[] = [];
  let [before, latestAt]: [string | null, number | null] = [null, null];
  const names = namesIn(folder);
  for (const name of names) {
    const text = readIfThere(join(folder, name)) ?? '';
    const statement = believed(text, keys);
    if (!statement) faults.push(`${name} is not as it was signed`);
    else if (statement.before !== before)
      faults.push(`${name} does not follow the file before: one is missing or put in`);
    for (const [trail, head] of Object.entries(statement?.heads ?? {})) {
      const known = byTrail.get(trail) ?? [];
      byTrail.set(trail, known);
      known.push({ ...head, at: statement?.at ?? 0 });
    }
    before = sha256(text);
    latestAt = statement?.at ?? latestAt;
  }
  return { files: names.length, latestAt, byTrail, faults };
}

function believed(text: string, keys: ReturnType<typeof auditKeys>): z.output<typeof Statement> | undefined {
  const statement = statementOf(text, keys);
  return statement === undefined ? undefined : Statement.safeParse(JSON.parse(statement)).data;
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
