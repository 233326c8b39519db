import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRegistry } from '../../db/registry/registry.ts';
import { mariaDb } from '../../test/mariadb.ts';
import { addCustomer, listCustomers } from '../accounts/customers.ts';
import { serverConfig } from '../config.ts';
import { openContext } from '../http/context.ts';

function buildFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-place-'));
  const dataFolder = join(folder, 'data');
  const open = (databaseUrl?: string) => openContext(serverConfig({ dataFolder, databaseUrl, logLevel: 'silent' }, {}));
  return {
    folder,
    dataFolder,
    open,
    place: join(dataFolder, 'registry-place'),
    async namesAt(databaseUrl?: string) {
      await using server = await open(databaseUrl);
      return (await listCustomers(server)).map(({ name }) => name);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

test('a server that is started without its folder of databases makes no new registry, and says where its own is', async () => {
  using built = buildFolder();
  const { folder, dataFolder, open, place, namesAt } = built;
  const [databases, moved] = [join(folder, 'databases'), join(folder, 'moved')];
  {
    await using server = await open(databases);
    await addCustomer(server, 'Acme');
  }
  for (const elsewhere of [undefined, join(folder, 'mistyped')]) {
    await assert.rejects(namesAt(elsewhere), (error: Error) => {
      assert.equal(error.name, 'Refused');
      assert.ok(
        error.message.startsWith(`the registry of this server is ${databases}, as ${place} says`),
        error.message,
      );
      return /--database or VEDETTE_DATABASE_URL/.test(error.message);
    });
    assert.ok(!existsSync(join(elsewhere ?? dataFolder, 'registry.sqlite')), 'nothing is made');
  }
  assert.deepEqual(await namesAt(databases), ['Acme']);
  const stray = join(dataFolder, 'registry.sqlite');
  writeFileSync(stray, '');
  await assert.rejects(namesAt(), /the registry of this server is .*, as /, 'an empty file is none');
  await (await openRegistry(stray)).destroy();
  await assert.rejects(namesAt(), /the registry of this server is .*, as /, 'nor is one that knows nobody');
  assert.equal(readFileSync(place, 'utf8'), databases);
  rmSync(stray);
  renameSync(databases, moved);
  assert.deepEqual(await namesAt(moved), ['Acme'], 'one that was moved is taken');
  await assert.rejects(namesAt(databases), /the registry of this server is .*moved, as /);
  rmSync(join(moved, 'registry.sqlite'));
  await assert.rejects(namesAt(moved), /is not there, though it was used before; nothing was made in its place/);
  rmSync(place);
  assert.deepEqual(await namesAt(), [], 'a new one is made where it is meant');
  assert.ok(existsSync(join(dataFolder, 'registry.sqlite')));
});

test('of a registry on a database server the place is kept without its password, and another schema is not filled', async () => {
  await using mariadb = await mariaDb();
  using built = buildFolder();
  const { dataFolder, place, namesAt } = built;
  const [own, empty] = ['vedette_ab01', 'vedette_ab02'];
  await mariadb.sql(`create or replace database ${own}; create or replace database ${empty}`);
  await mariadb.sql("create or replace user placed@'%' identified by 'kept-nowhere'; grant all on *.* to placed@'%'");
  const { host, port } = new URL(mariadb.url);
  const at = (schema: string) => `mysql://placed:kept-nowhere@${host}/${schema}`;
  assert.deepEqual(await namesAt(at(own)), []);
  assert.equal(readFileSync(place, 'utf8'), `127.0.0.1:${port}/${own}`);
  await assert.rejects(namesAt(), (error: Error) => {
    assert.match(error.message, new RegExp(`registry of this server is 127\\.0\\.0\\.1:${port}/${own}, as .* says`));
    return !error.message.includes('kept-nowhere');
  });
  assert.ok(!existsSync(join(dataFolder, 'registry.sqlite')));
  await assert.rejects(namesAt(at('')), /names no schema: write it as mysql:/);
  await assert.rejects(namesAt(at(empty)), /none at 127\.0\.0\.1:\d+\/vedette_ab02 yet/);
  assert.equal((await mariadb.sql(`show tables in ${empty}`)).trim(), '');
  assert.deepEqual(await namesAt(at(own)), []);
  await mariadb.sql(`set foreign_key_checks = 0; create or replace database ${own}`);
  await assert.rejects(namesAt(at(own)), /holds no tables of Vedette, though it was used before/);
  await mariadb.sql(`set foreign_key_checks = 0; drop database ${own}; drop database ${empty}; drop user placed@'%'`);
});
