import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { keepPrivateFile, readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { fileContent, writeContent } from './age.ts';
import { ArchiveFault } from './archive-fault.ts';

/** Where sealed pieces of one customer's archive lie, each an entry of some files. */
export interface ArchiveStore {
  /** Begins an entry; nobody finds it before it is committed. One of that name that was not is begun anew. */
  begin(entry: string): Promise<Draft>;
  /** Undefined where there is no such entry or file in it. */
  read(entry: string, file: string): Promise<Readable | undefined>;
  /** Names of all entries that were committed. */
  entries(): Promise<string[]>;
  /** Whether there was one, committed or not. */
  remove(entry: string): Promise<boolean>;
}

export interface Draft {
  /** Whole and on the disk when it returns. */
  write(file: string, content: Readable): Promise<void>;
  commit(): Promise<void>;
}

const markFile = 'vedette-archive';
const unfinished = '.unfinished';

/**
 * The store of one customer in the archive's folder. A folder that was used before is known by a mark in it: throws
 * `ArchiveFault` where it is not there, as when a disk is not mounted, and where there is no archive at all.
 */
export function storeOf(server: Pick<ServerContext, 'archiveFolder' | 'dataFolder'>, id: CustomerId): ArchiveStore {
  const { dataFolder } = server;
  const root = archiveRoot(server);
  if (root === undefined) throw new ArchiveFault('there is no archive: start the server with --archive FOLDER');
  checkMark(root, dataFolder);
  return folderStore(join(root, id));
}

/** The folder in which archives are, or were when last something was put there; undefined: there never was one. */
export function archiveRoot(server: Pick<ServerContext, 'archiveFolder' | 'dataFolder'>): string | undefined {
  return server.archiveFolder ?? knownMark(server.dataFolder)?.[0];
}

function knownMark(dataFolder: string): string[] | undefined {
  return readIfThere(join(dataFolder, `${markFile}-mark`))
    ?.trim()
    .split('\n');
}

function checkMark(root: string, dataFolder: string): void {
  const [place = '', mark = ''] = knownMark(dataFolder) ?? [];
  if (place !== root) {
    if (!existsSync(root)) throw new ArchiveFault(`there is no folder ${root} for the archive: make it, or mount it`);
    const own = keepPrivateFile(join(root, markFile), () => `${randomUUID()}\n`);
    replacePrivateFile(join(dataFolder, `${markFile}-mark`), `${root}\n${own}`);
  } else if (readIfThere(join(root, markFile))?.trim() !== mark) {
    throw new ArchiveFault(`${root} is not the archive's folder, as it was before: see that its disk is mounted`);
  }
}

function folderStore(folder: string): ArchiveStore {
  return {
    async begin(entry) {
      const place = join(folder, entry + unfinished);
      await rm(place, { recursive: true, force: true });
      await mkdir(place, { recursive: true, mode: 0o700 });
      return {
        write: (file, content) => writeContent(content, join(place, file)),
        async commit() {
          await syncFolder(place);
          await rename(place, join(folder, entry));
          await syncFolder(folder);
        },
      };
    },
    async read(entry, file) {
      const path = join(folder, entry, file);
      return (await isThere(path)) ? fileContent(path) : undefined;
    },
    async entries() {
      return (await namesIn(folder)).filter((name) => !name.endsWith(unfinished)).sort();
    },
    async remove(entry) {
      const places = [join(folder, entry), join(folder, entry + unfinished)];
      const there = await Promise.all(places.map(isThere));
      for (const place of places) await rm(place, { recursive: true, force: true });
      return there.includes(true);
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** So that the names are on the disk too; Windows has no such call and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await open(path, 'r');
  await folder.sync();
}
