import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { fileContent, writeContent } from './age.ts';
import { ArchiveFault } from './archive-fault.ts';
import { archiveRoot, checkMounted, checkOwn, markAnew } from './mark.ts';

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

const unfinished = '.unfinished';

/**
 * The store of one customer in the archive's folder. Throws `ArchiveFault` where that is not there, or where there is no
 * archive at all; its `begin` and `remove` where another server has written in the folder.
 */
export function storeOf(server: Pick<ServerContext, 'archiveFolder' | 'dataFolder'>, id: CustomerId): ArchiveStore {
  const { dataFolder } = server;
  const root = archiveRoot(server);
  if (root === undefined) throw new ArchiveFault('there is no archive: start the server with --archive FOLDER');
  checkMounted(root, dataFolder);
  const store = folderStore(join(root, id));
  return {
    ...store,
    async begin(entry) {
      markAnew(root, dataFolder);
      return store.begin(entry);
    },
    async remove(entry) {
      checkOwn(root, dataFolder);
      return store.remove(entry);
    },
  };
}

function folderStore(folder: string): ArchiveStore {
  return {
    async begin(entry) {
      const place = join(folder, plain(entry) + unfinished);
      await rm(place, { recursive: true, force: true });
      await mkdir(place, { recursive: true, mode: 0o700 });
      return {
        write: (file, content) => writeContent(content, join(place, plain(file))),
        async commit() {
          await syncFolder(place);
          await rename(place, join(folder, entry));
          await syncFolder(folder);
          await syncFolder(dirname(folder)); // where this is the customer's first
        },
      };
    },
    async read(entry, file) {
      const path = join(folder, plain(entry), plain(file));
      return (await isThere(path)) ? fileContent(path) : undefined;
    },
    async entries() {
      return (await namesIn(folder)).filter((name) => !name.endsWith(unfinished)).sort();
    },
    async remove(entry) {
      const places = [join(folder, plain(entry)), join(folder, entry + unfinished)];
      const there = await Promise.all(places.map(isThere));
      for (const place of places) await rm(place, { recursive: true, force: true });
      return there.includes(true);
    },
  };
}

/** A name that leads nowhere else: rows of a customer that was imported hold what whoever could write to the file liked. */
function plain(name: string): string {
  if (/^\w[\w.-]*$/.test(name)) return name;
  throw new ArchiveFault(`nothing in an archive is called ${JSON.stringify(name)}`);
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
