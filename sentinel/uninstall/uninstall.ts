import fs from 'node:fs';
import path from 'node:path';
import { isThere } from '../../certs/private-file.ts';
import { homeFolder, isEnrolled } from '../config.ts';
import { ownLink } from '../link/own-link.ts';
import { isLocked, lockHome } from '../lock.ts';
import { installed, programFolder } from '../service/installed.ts';
import { type ServiceManager, serviceManager } from '../service/service.ts';
import { countUnsent, unsentLines } from '../spool/unsent.ts';
import { UsageFault } from '../usage-fault.ts';
import { removeHome, removeProgram, whoElseNeedsIt } from './remove.ts';

/** How long a service that was told to stop may still be busy with its home (ms). */
const stopMs = 20_000;

export interface Uninstalled {
  /** What was removed; a folder with all that was in it. */
  removed: string[];
  /** Whether the server was told, and why not; null if there was nothing to tell. */
  server: { told: boolean; why?: string } | null;
  /** Runs that the server did not have when all stood still; null if that can't be read. */
  unsent: number | null;
  /** Why the program stays; left out if it is gone, or was not put here by an installation. */
  programStays?: string;
}

/**
 * Takes a sentinel away: service, home (keys, spool, journal) and program. `keep` is a file for what the server has not
 * acknowledged. The server is told if it answers within seconds. Throws before anything is removed if this is no home of a
 * sentinel, or one is at work there that is no service.
 */
export async function uninstall(home: string, keep: string | undefined, signal: AbortSignal): Promise<Uninstalled> {
  mustBeHome(home);
  const service = serviceManager();
  const isService = service.isOf(home);
  if (!isService && isLocked(home))
    throw new Error(`a sentinel is running with the home ${home}: stop it first, then uninstall`);
  if (keep !== undefined) mustBeNew(keep, [home, ...(installed() ? [programFolder] : [])]); // before anything is stopped
  const removed = isService ? [removeService(service)] : [];
  if (fs.existsSync(home)) lockHome(home, stopMs)[Symbol.dispose]();
  if (keep !== undefined) writeUnsent(home, keep);
  const unsent = countUnsent(home) ?? null;
  const server = isEnrolled(home) ? await tellServer(home, signal) : null;
  if (fs.existsSync(home)) {
    removeHome(home);
    removed.push(home);
  }
  const programStays = installed() && whoElseNeedsIt(home, service);
  if (programStays !== undefined) return { removed, server, unsent, programStays };
  return { removed: [...removed, ...removeProgram()], server, unsent };
}

function removeService(service: ServiceManager): string {
  try {
    service.remove();
    return service.file ?? 'the scheduled task';
  } catch (cause) {
    const next = 'nothing was removed; uninstall where the service was installed from, in a session of the same user';
    throw new Error(`the service can't be stopped (${(cause as Error).message}): ${next}`, { cause });
  }
}

/** Of these every home that was enrolled, or was to be, has two at least. */
const marks = ['key', 'vault.json', 'config.json', 'journal.sqlite', 'spool.sqlite'];
/** What commands make in a home before. */
const beginnings = [...marks, 'lock', 'settings.json', 'pause.json'];

/** A mistyped `--home` must cost neither a folder of something else nor the program of the sentinel that was meant. */
function mustBeHome(home: string): void {
  isThere(path.join(home, 'key')); // throws where this user may not look
  const names = fs.existsSync(home) ? fs.readdirSync(home) : [];
  if (marks.filter((name) => names.includes(name)).length >= 2) return;
  if (home === homeFolder(undefined) && names.every((name) => beginnings.includes(name))) return;
  throw new Error(`${home} is not the home of a sentinel: name the right one with --home`);
}

/** Whether what is kept can be written there, and will stay when the folders are gone. */
function mustBeNew(file: string, folders: readonly string[]): void {
  const place = realPlaceOfNew(file);
  const leaving = folders.find(
    (folder) => fs.existsSync(folder) && place.startsWith(fs.realpathSync(folder) + path.sep),
  );
  if (leaving !== undefined)
    throw new UsageFault(`${file} lies in ${leaving}, which is removed: name a file elsewhere`);
}

/** Where a file would lie that can be made there. */
function realPlaceOfNew(file: string): string {
  try {
    fs.closeSync(fs.openSync(file, 'wx', 0o600));
    const place = fs.realpathSync(file);
    fs.rmSync(file);
    return place;
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code;
    throw new UsageFault(`${file} can't be made (${why}): name another new file`, { cause });
  }
}

/** Throws if the spool can't be read; then the file is gone again, and the home still there. */
function writeUnsent(home: string, name: string): void {
  const file = fs.openSync(name, 'wx', 0o600);
  try {
    for (const line of unsentLines(home)) fs.writeSync(file, `${line}\n`);
    fs.fsyncSync(file);
  } catch (cause) {
    fs.rmSync(name);
    const next = `${home} and the program are still there: save it yourself, then uninstall with --yes`;
    throw new Error(`what is unsent can't be kept (${(cause as Error).message}); ${next}`, { cause });
  } finally {
    fs.closeSync(file);
  }
}

/** Never throws: a home that is damaged is to be removed all the same. */
async function tellServer(home: string, signal: AbortSignal): Promise<{ told: boolean; why?: string }> {
  try {
    await using link = ownLink(home); // a copy of this machine that is removed must not end the key of the other
    const reply = await link.leave(signal);
    if (reply.kind === 'done') return { told: true };
    // In its own words it has said that it knows of this sentinel all there is to know.
    if (reply.kind === 'refused' || reply.kind === 'unwelcome') return { told: false, why: reply.why };
    return { told: false, why: `${'why' in reply ? reply.why : reply.kind}. Have this sentinel revoked there` };
  } catch (error) {
    return { told: false, why: error instanceof Error ? error.message : String(error) };
  }
}
