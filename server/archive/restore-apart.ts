import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import type { Order } from './apart.ts';
import { ArchiveFault } from './archive-fault.ts';

/** What the process is to bring back. */
export interface RestoreOrder extends Pick<Order, 'given' | 'aheadMs'> {
  customerId: CustomerId;
  month: { name: string; from: number };
  identities: readonly string[];
  until: number;
}

export type RestoreTold = { kind: 'done' } | { kind: 'failed'; why: string };

/** Brings a month back in a process of its own: DuckDB's memory and all the work is nobody else's. Throws `ArchiveFault`. */
export async function restoreApart(
  server: ServerContext,
  wish: Omit<RestoreOrder, 'given' | 'aheadMs'>,
): Promise<void> {
  const { dataFolder, home: databaseUrl, archiveFolder, log } = server;
  const given = { dataFolder, databaseUrl, archiveFolder, logLevel: log.level };
  const file = join(import.meta.dirname, 'restore-child.ts');
  const child = fork(file, { signal: server.stopping.signal, killSignal: 'SIGKILL' });
  let told: RestoreTold = { kind: 'failed', why: 'its process ended' };
  child.on('error', (error) => {
    told = { kind: 'failed', why: error.message };
  });
  child.on('message', (message: RestoreTold) => {
    told = message;
  });
  const ended = once(child, 'close').catch(() => []); // `error` has told why
  child.send({ given, aheadMs: server.now() - Date.now(), ...wish } satisfies RestoreOrder);
  await ended;
  if (told.kind === 'failed') throw new ArchiveFault(told.why);
}
