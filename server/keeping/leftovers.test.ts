import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { addCustomer, listCustomers } from '../accounts/customers.ts';
import { buildWorld } from '../build-world.ts';
import { serverConfig } from '../config.ts';
import { openContext, type ServerContext } from '../http/context.ts';
import { exportCustomer } from './export.ts';
import { importCustomer } from './import.ts';
import { leftovers, surelyOver } from './leftovers.ts';

/** The server dies once the database is there, and before the registry knows of it. */
function dying(server: ServerContext): ServerContext {
  const now = () => {
    throw new Error('cut');
  };
  return { ...server, now };
}

test('what crashes left is listed after a day and removed, and nothing that belongs to anybody', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const acme = await world.addCustomer('Acme');
  await context.customers.use(acme, (db) => db('runs'));
  const foreign = join(context.dataFolder, 'customers', 'of-another-registry');
  mkdirSync(foreign);
  const backups = mkdtempSync(join(tmpdir(), 'vedette-backups-'));
  for (const name of ['vedette-1', 'vedette-2.unfinished']) mkdirSync(join(backups, name));
  writeFileSync(join(context.dataFolder, 'import-1.sqlite'), '');
  await assert.rejects(addCustomer(dying(context), 'Bolt'), /cut/);
  assert.deepEqual(await leftovers(context, backups), []);

  const later: ServerContext = { ...context, now: () => context.now() + surelyOver + 60_000 };
  const found = await leftovers(later, backups);
  const [customer, ...others] = found.map(({ path }) => path);
  assert.deepEqual(others, [join(context.dataFolder, 'import-1.sqlite'), join(backups, 'vedette-2.unfinished')]);
  const isMysql = (await context.registry('customers').where({ id: acme }).first()).engine === 'mysql';
  assert.equal(found[0]?.schema !== null, isMysql);
  const elsewhere = await leftovers({ ...later, home: join(context.dataFolder, 'elsewhere') });
  assert.deepEqual(
    elsewhere.map(({ path }) => path),
    [others[0]],
  );
  for (const one of found) await one.remove();
  assert.deepEqual(await leftovers(later, backups), []);
  assert.equal(existsSync(customer ?? ''), false);
  assert.deepEqual(readdirSync(join(context.dataFolder, 'customers')).sort(), [acme, 'of-another-registry'].sort());
  assert.deepEqual(readdirSync(backups), ['vedette-1']);
  assert.deepEqual(await context.customers.use(acme, (db) => db('runs')), []);
  await addCustomer(context, 'Bolt');
  rmSync(backups, { recursive: true });
});

test('an import that was cut short is made anew where the data folder was moved since, registry and all', async () => {
  await using world = await buildWorld();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-moved-'));
  const [before, after, file] = [join(folder, 'before'), join(folder, 'after'), join(folder, 'acme.vedette')];
  const acme = await world.addCustomer('Acme');
  await exportCustomer(world.context, acme, file);
  const at = (dataFolder: string) => openContext(serverConfig({ dataFolder, logLevel: 'silent' }, {}));
  const progress = () => {
    throw new Error('cut');
  };
  {
    await using server = await at(before);
    await addCustomer(server, 'Bolt');
    await assert.rejects(importCustomer(server, file, { progress }), /cut/);
  }
  renameSync(before, after);
  {
    await using server = await at(after);
    const left = await leftovers(server, undefined, 0);
    assert.deepEqual(
      left.map(({ path }) => path),
      [join(after, 'customers', acme)],
    );
    await importCustomer(server, file);
    assert.deepEqual((await listCustomers(server)).map(({ name }) => name).sort(), ['Acme', 'Bolt']);
  }
  rmSync(folder, { recursive: true });
});
