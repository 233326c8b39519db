import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const sqliteBusy = 5;

/** Another sentinel is at work in this home. */
export class HomeInUse extends Error {
  override readonly name = 'HomeInUse';
}

/**
 * Takes a home folder for this process alone; throws `HomeInUse` if another has it. The lock is the operating
 * system's, on SQLite's own terms, so that a killed process leaves none behind.
 */
export function lockHome(home: string, patienceMs = 300): Disposable {
  const file = path.join(home, 'lock');
  const lock = new DatabaseSync(file, { timeout: patienceMs }); // `isLocked` of another process holds it for a moment
  try {
    fs.chmodSync(file, 0o600);
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    const next = 'stop that one first, or give this one a folder of its own with --home';
    throw new HomeInUse(`another sentinel is running with the home ${home}: ${next}`, { cause: error });
  }
  return { [Symbol.dispose]: () => lock.close() };
}

/** Whether a sentinel is at work in a home. */
export function isLocked(home: string): boolean {
  if (!fs.existsSync(path.join(home, 'lock'))) return false;
  try {
    lockHome(home, 0)[Symbol.dispose]();
    return false;
  } catch (error) {
    if (error instanceof HomeInUse) return true;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === sqliteBusy;
}
