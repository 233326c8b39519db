import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { ArchiveFault } from './archive-fault.ts';
import type { Moved } from './move.ts';
import type { Verified } from './verify-archive.ts';

/** Of the process: rows pass as bytes beside its small heap, which V8 would else search through at every few MB of them. */
export const execArgv: readonly string[] = ['--initial-old-space-size=64'];

/** What the process is to do. */
export interface Order {
  /** Settings of the server. */
  given: { dataFolder: string; databaseUrl: string; archiveFolder: string | undefined; logLevel: string };
  /** How far the server's clock is ahead of the machine's: not at all, but in tests. */
  aheadMs: number;
  customerId: CustomerId;
  fence: number;
}

/** What was done for an archive. */
export interface ArchiveKept {
  moved: Moved[];
  /** Pieces that had reached their age. */
  erased: string[];
  /** Null: none was due. */
  drill: Verified | null;
}

export type Told =
  | { kind: 'step'; step: string; piece: string }
  | { kind: 'done'; done: ArchiveKept }
  | { kind: 'failed'; why: string };

/**
 * Looks after a customer's archive in a process of its own: moves what is due, one month at most, erases what has reached its
 * age, and verifies a piece where none was for long. `mayGoOn` is asked before each step of a move; where it says no the
 * process is ended at once. Throws `ArchiveFault` where it fails.
 */
export async function keepArchive(
  server: ServerContext,
  customerId: CustomerId,
  fence: number,
  mayGoOn: (step: string, piece: string) => boolean,
): Promise<ArchiveKept> {
  const { dataFolder, home: databaseUrl, archiveFolder, log } = server;
  const given = { dataFolder, databaseUrl, archiveFolder, logLevel: log.level };
  const child = fork(join(import.meta.dirname, 'child.ts'), {
    ...{ signal: server.stopping.signal, killSignal: 'SIGKILL' },
    execArgv: [...process.execArgv, ...execArgv],
  });
  let [done, why]: [ArchiveKept | undefined, string] = [undefined, 'its process ended'];
  child.on('error', (error) => {
    why = error.message;
  });
  child.on('message', (told: Told) => {
    if (told.kind === 'done') done = told.done;
    else if (told.kind === 'failed') why = told.why;
    else if (mayGoOn(told.step, told.piece)) child.send({ go: true });
    else child.kill('SIGKILL');
  });
  const ended = once(child, 'close').catch(() => []); // `error` has told why
  child.send({ given, aheadMs: server.now() - Date.now(), customerId, fence } satisfies Order);
  await ended;
  if (done) return done;
  throw new ArchiveFault(why);
}
