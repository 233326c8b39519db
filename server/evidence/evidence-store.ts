import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';

/** The tables that name evidence files. */
export const namingTables = ['evidence', 'trial_evidence', 'passed_pictures'] as const;

/** Where one customer's evidence files lie, each named by the SHA-256 of its content. */
export interface EvidenceStore {
  /** Whole and on the disk when it returns; a repeat is harmless. Throws where the customer's folder is gone: it is never made anew. */
  put(sha256: string, content: Uint8Array): Promise<void>;
  /** Undefined when there is no such file. */
  get(sha256: string): Promise<{ content: Readable; bytes: number } | undefined>;
  /** All there is, some hundreds at a time. */
  files(): AsyncIterable<StoredFile[]>;
  /** Removes a file unless it was put again since it was listed; whether it did. */
  remove(file: StoredFile): Promise<boolean>;
}

export interface StoredFile {
  /** Undefined for one whose writing was not ended. */
  sha256: string | undefined;
  name: string;
  bytes: number;
  /** ms since 1970, on the clock of the file system */
  changedAt: number;
}

/** The store of one customer. */
export function evidenceOf({ customers }: Pick<ServerContext, 'customers'>, id: CustomerId): EvidenceStore {
  return folderStore(join(customers.folder(id), 'evidence'));
}

/** Keeps evidence in a folder, spread over 256 below it. */
function folderStore(folder: string): EvidenceStore {
  const pathOf = (sha256: string) => {
    // The rows of a customer that was imported hold what whoever could write to the file liked.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`no evidence is called ${JSON.stringify(sha256)}`);
    return join(folder, sha256.slice(0, 2), sha256);
  };
  return {
    async put(sha256, content) {
      const path = pathOf(sha256);
      const unfinished = `${path}.${randomBytes(6).toString('hex')}.tmp`;
      try {
        await makeLast(dirname(path));
        await writeDurably(unfinished, content);
        await rename(unfinished, path);
        await syncFolder(dirname(path));
      } catch (cause) {
        await rm(unfinished, { force: true });
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`the evidence ${sha256} could not be written: ${why}`, { cause });
      }
    },
    async get(sha256) {
      const path = pathOf(sha256);
      const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return found && { content: createReadStream(path), bytes: found.size };
    },
    async *files() {
      for (const part of await namesIn(folder)) {
        const names = await namesIn(join(folder, part));
        const found = await Promise.all(names.map((name) => fileAt(join(folder, part, name))));
        yield found.filter((file) => file !== undefined);
      }
    },
    async remove({ name, changedAt }) {
      const path = join(folder, name.slice(0, 2), name);
      // Taken aside first: who puts it again meanwhile then makes another.
      const aside = `${path.slice(0, dirname(path).length + 65)}.${randomBytes(6).toString('hex')}.tmp`;
      await rename(path, aside);
      const isOther = (await stat(aside)).mtimeMs !== changedAt;
      await (isOther ? rename(aside, path) : rm(aside));
      return !isOther;
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** Undefined if it is gone meanwhile, or is none of ours. */
async function fileAt(path: string): Promise<StoredFile | undefined> {
  const name = basename(path);
  const [, sha256, unfinished] = /^([0-9a-f]{64})(\.[0-9a-f]{12}\.tmp)?$/.exec(name) ?? [];
  const found = await stat(path).catch(() => undefined);
  if (sha256 === undefined || !found?.isFile()) return undefined;
  return { sha256: unfinished ? undefined : sha256, name, bytes: found.size, changedAt: found.mtimeMs };
}

/** This level alone: of a customer that was erased while its picture was drawn nothing is to come back. */
async function makeLast(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST') return;
    if (cause.code !== 'ENOENT') throw cause;
    const why = 'the customer was erased meanwhile, or somebody moved its evidence away';
    throw new Error(`there is no folder ${dirname(folder)}: ${why}`, { cause });
  });
}

async function writeDurably(path: string, content: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(content);
  await file.sync();
}

/** So that the name is on the disk too; Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await open(path, 'r');
  await folder.sync();
}
