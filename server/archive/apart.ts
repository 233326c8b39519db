import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { ArchiveFault } from './archive-fault.ts';
import type { Moved } from './move.ts';

/** What the process is to do. */
export interface Order {
  /** Settings of the server. */
  given: { dataFolder: string; databaseUrl: string; archiveFolder: string | undefined; logLevel: string };
  /** How far the server's clock is ahead of the machine's: not at all, but in tests. */
  aheadMs: number;
  customerId: CustomerId;
  fence: number;
}

export type Told =
  | { kind: 'step'; step: string; piece: string }
  | { kind: 'moved'; moved: Moved[] }
  | { kind: 'failed'; why: string };

/**
 * Moves what is due of a customer in a process of its own, one month at most. `mayGoOn` is asked before each step; where it
 * says no the process is ended at once. Throws `ArchiveFault` where it fails.
 */
export async function moveApart(
  server: ServerContext,
  customerId: CustomerId,
  fence: number,
  mayGoOn: (step: string, piece: string) => boolean,
): Promise<Moved[]> {
  const { dataFolder, home: databaseUrl, archiveFolder, log } = server;
  const given = { dataFolder, databaseUrl, archiveFolder, logLevel: log.level };
  const child = fork(join(import.meta.dirname, 'child.ts'), { signal: server.stopping.signal, killSignal: 'SIGKILL' });
  let [moved, why]: [Moved[] | undefined, string] = [undefined, 'its process ended'];
  child.on('error', (error) => {
    why = error.message;
  });
  child.on('message', (told: Told) => {
    if (told.kind === 'moved') moved = told.moved;
    else if (told.kind === 'failed') why = told.why;
    else if (mayGoOn(told.step, told.piece)) child.send({ go: true });
    else child.kill('SIGKILL');
  });
  const ended = once(child, 'close').catch(() => []); // `error` has told why
  child.send({ given, aheadMs: server.now() - Date.now(), customerId, fence } satisfies Order);
  await ended;
  if (moved) return moved;
  throw new ArchiveFault(why);
}
