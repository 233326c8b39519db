import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Command } from 'commander';
import { tempFolder } from '../../certs/build-certificates.ts';
import { type CustomerId, connectionsEach } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { mariaDb } from '../../test/mariadb.ts';
import { addCustomer } from '../accounts/customers.ts';
import { aboutCustomer, dropDatabase } from '../databases/customer-database.ts';
import { addDatabaseServer } from '../databases/database-servers.ts';
import type { ServerContext } from '../http/context.ts';
import { connectionsOfCommand, withNewContext } from './command.ts';
import { addTokens } from './tokens.ts';

/** Customers of one schema: what is tested is how many are open. */
async function addAlike({ registry, masterKey }: ServerContext, { id, ...row }: CustomerRow): Promise<CustomerId> {
  const other = randomUUID() as string as CustomerId;
  const account = masterKey.unseal(row.connection ?? '', aboutCustomer(id));
  const connection = masterKey.seal(account, aboutCustomer(other));
  await registry<CustomerRow>('customers').insert({ ...row, id: other, name: other, connection });
  return other;
}

test('a command has few customers of a database server open: beside it a running server has nearly all connections', async () => {
  await using mariadb = await mariaDb();
  using temp = tempFolder();
  await withNewContext({ data: temp.folder, logLevel: 'silent' }, async (server) => {
    await addDatabaseServer(server, 'db-1', mariadb.url);
    const { id } = await addCustomer(server, 'Acme', { databaseServer: 'db-1' });
    const row = (await server.registry<CustomerRow>('customers').where({ id }).first()) ?? assert.fail();
    const ids = [id];
    while (ids.length < 12) ids.push(await addAlike(server, row));
    let [inside, most] = [0, 0];
    const few = Math.floor(connectionsOfCommand / connectionsEach);
    const allIn = Promise.withResolvers<void>();
    const use = (one: CustomerId) =>
      server.customers.use(one, async (db) => {
        inside += 1;
        most = Math.max(most, inside);
        if (most === few) allIn.resolve();
        await allIn.promise;
        await db('locations').count();
        inside -= 1;
      });
    await Promise.all(ids.map(use));
    assert.equal(most, few);
    await dropDatabase(server, row);
  });
});

test('days that no token can have are asked wrongly, told in days', async () => {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addTokens(program);
  for (const days of ['0', '366', 'ten']) {
    const given = ['token', 'add', 'x', '--customer', 'Acme', '--scope', 'read', '--days', days];
    const asked = program.parseAsync(given, { from: 'user' });
    await assert.rejects(asked, /--days.*It must be (from 1 to 365|a whole number)\./, days);
  }
});
