import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import type { CustomerId } from '../../db/customers.ts';
import { openSqlite } from '../../db/engines/sqlite.ts';
import { addCustomer } from '../accounts/customers.ts';
import { serverConfig } from '../config.ts';
import { openContext, type ServerContext } from '../http/context.ts';
import type { MonitorsAnswer } from '../reports/shapes.ts';
import { OpenFiles } from './open-files.ts';
import { ReadingThread } from './reading-thread.ts';

/** How often this process has files open whose names end so, on Linux; threads open theirs in the same process. */
function timesOpen(end: string): number {
  const links = readdirSync('/proc/self/fd').map((name) => `/proc/self/fd/${name}`);
  return links.filter((link) => existsSync(link) && readlinkSync(link).endsWith(end)).length;
}

async function names({ customers }: ServerContext, thread: ReadingThread, id: CustomerId): Promise<string[]> {
  const file = join(customers.folder(id), 'live.sqlite');
  const period = { from: 0, to: 1 };
  const bytes = await customers.use(id, () => thread.ask(file, 'reportBytes', 'monitors', [period, 1]));
  const { monitors }: MonitorsAnswer = JSON.parse(Buffer.from(bytes ?? []).toString());
  return monitors.map(({ name }) => name);
}

test('a file that was read stays open in the thread until its customer is let go of, which waits for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-reading-'));
  const context = await openContext(serverConfig({ dataFolder: folder, logLevel: 'silent' }, {}));
  const { customers } = context;
  const thread = new ReadingThread(context);
  try {
    const { id } = await addCustomer(context, 'Acme', { timeZone: 'UTC' });
    const file = join(id, 'live.sqlite');
    assert.deepEqual(await names(context, thread, id), []);
    await names(context, thread, id);
    assert.equal(timesOpen(file), 2, 'here and there');
    await customers.forget(id);
    assert.deepEqual([timesOpen(file), timesOpen(`${file}-wal`)], [0, 0]);

    // What is put in its place is read.
    const other = await addCustomer(context, 'Other', { timeZone: 'UTC' });
    await customers.use(other.id, (db) => buildMonitor(db, { name: 'Shop' }));
    await customers.forget(other.id);
    renameSync(join(customers.folder(other.id), 'live.sqlite'), join(customers.folder(id), 'live.sqlite'));
    assert.deepEqual(await names(context, thread, id), ['Shop']);

    thread.end(new Error('ended'));
    await customers.forget(id); // waits for nobody
  } finally {
    await context[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
});

test('of many files those used last stay open, and one whose reading failed does not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-files-'));
  const files = Array.from({ length: 10 }, (_, i) => join(folder, `${i}.sqlite`));
  for (const file of files) {
    const db = openSqlite(file);
    await db.raw('create table t (a)');
    await db.destroy();
  }
  const open = new OpenFiles();
  const openOnes = () => files.filter((file) => timesOpen(file) > 0).length;
  try {
    await Promise.all(files.map((file) => open.use(file, (db) => db('t').select())));
    assert.equal(openOnes(), 8);
    await assert.rejects(open.use(files[9] ?? '', (db) => db('none').select()));
    assert.equal(openOnes(), 7);
    for (const file of files) await open.close(file);
    assert.equal(openOnes(), 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
