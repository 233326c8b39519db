import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import { audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { ArchiveFault } from './archive-fault.ts';

/*
 * The archive's folder is marked, so that it is missed where its disk is not mounted. Whoever writes there changes the mark
 * first, and keeps all it ever set: a server that was made of a copy of another's data knows the marks up to then alone,
 * and one that was made of a backup none. Once one of the two has written, the other one may read, and neither write nor remove.
 */

const markFile = 'vedette-archive';

type Place = Pick<ServerContext, 'archiveFolder' | 'dataFolder'>;

/** The folder in which archives are, or were when last something was put there; undefined: there never was one. */
export function archiveRoot(server: Place): string | undefined {
  return server.archiveFolder ?? rootUsed(server.dataFolder);
}

/** The folder in which something was put last, whatever folder is meant now. */
export function rootUsed(dataFolder: string): string | undefined {
  return known(dataFolder).place;
}

/**
 * For a server that is made of a backup: where the archive is, and no mark of it. Until it takes the archive over it may
 * read there alone, since the server before may go on.
 */
export function rememberRoot(dataFolder: string, root: string): void {
  setPlace(dataFolder, root, []);
}

/** Throws `ArchiveFault` where the archive's folder is not there, as when its disk is not mounted. */
export function checkMounted(root: string, dataFolder: string): void {
  if (!existsSync(root)) throw new ArchiveFault(`there is no folder ${root} for the archive: make it, or mount it`);
  if (known(dataFolder).place !== root || markOf(root) !== undefined) return;
  throw new ArchiveFault(`${root} is not the archive's folder, as it was before: see that its disk is mounted`);
}

/** To be called before something is removed there; throws `ArchiveFault` where another server has written since. */
export function checkOwn(root: string, dataFolder: string): void {
  checkMounted(root, dataFolder);
  const mark = markOf(root);
  if (mark === undefined || known(dataFolder).marks.includes(mark)) return;
  const next = 'if that server is gone for good, vedette-server archive take-over';
  throw new ArchiveFault(`another server, or this one before it was brought back, has written in ${root}: ${next}`);
}

/** The same before something is written. It is a mark of its own from then on. */
export function markAnew(root: string, dataFolder: string): void {
  checkOwn(root, dataFolder);
  setMark(root, dataFolder);
}

/** Makes the archive this server's, whoever wrote there; a server that did may only read it from then on. */
export async function takeOver(server: ServerContext): Promise<string> {
  const root = archiveRoot(server);
  if (root === undefined) throw new ArchiveFault('there is no archive: name its folder with --archive FOLDER');
  checkMounted(root, server.dataFolder);
  setMark(root, server.dataFolder);
  const entry = { at: server.now(), actor: commandLine, action: 'archive-taken-over' } as const;
  await audit(server.registry, { ...entry, detail: { folder: root } });
  return root;
}

/** It is kept here before it is set there: cut short between, the mark of before is still known. */
function setMark(root: string, dataFolder: string): void {
  const { place, marks } = known(dataFolder);
  const mark = randomUUID();
  if (place !== root) setPlace(dataFolder, root, marks);
  appendFileSync(knownFile(dataFolder), `${mark}\n`, { flush: true });
  replacePrivateFile(join(root, markFile), `${mark}\n`);
}

function setPlace(dataFolder: string, root: string, marks: readonly string[]): void {
  replacePrivateFile(knownFile(dataFolder), [root, ...marks, ''].join('\n'));
}

function known(dataFolder: string): { place: string | undefined; marks: string[] } {
  const [place, ...marks] = readIfThere(knownFile(dataFolder))?.trim().split('\n') ?? [];
  return { place, marks };
}

function knownFile(dataFolder: string): string {
  return join(dataFolder, `${markFile}-mark`);
}

function markOf(root: string): string | undefined {
  return readIfThere(join(root, markFile))?.trim();
}
