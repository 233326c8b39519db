import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { monthOf } from '../../db/customer/months.ts';
import type { CustomerId } from '../../db/customers.ts';
import { openRegistry } from '../../db/registry/registry.ts';
import type { ArchiveRestoreRow } from '../../db/registry/rows.ts';
import { testDatabase } from '../../db/test-database.ts';
import { until } from '../../test/faults/until.ts';
import type { ServerContext } from '../http/context.ts';
import { FakeLease } from './build-lease.ts';
import { restoreJob } from './restore-job.ts';

test('a month of a customer whose database hangs holds up those of others no longer than a minute or two', async (t) => {
  const place = await testDatabase();
  const registry = await openRegistry(place.at);
  const hangs = createServer().listen(0, '127.0.0.1');
  await once(hangs, 'listening');
  const asked = once(hangs, 'connection');
  const { port } = hangs.address() as AddressInfo;
  const folder = (id: CustomerId) => join(place.folder, id);
  const server = {
    ...{ registry, dataFolder: join(place.folder, 'data'), home: `mysql://nobody@127.0.0.1:${port}/hangs` },
    ...{ log: pino({ level: 'silent' }), stopping: new AbortController(), now: Date.now },
    customers: { folder, use: () => new Promise(() => {}) } as Partial<ServerContext['customers']>,
  } as ServerContext;
  const month = monthOf(Date.now(), -20);
  const wish = (name: string, asked_at: number): ArchiveRestoreRow => ({
    ...{ id: name, customer_id: name as CustomerId, from_at: month.from, until_at: Date.now() + 86_400_000 },
    ...{ asked_at, asked_by: 'alice', identity: null, fault: null },
  });
  await registry('archive_restores').insert([wish('far', 1), wish('near', 2)]);
  const restored = join(folder('near' as CustomerId), 'restored');
  mkdirSync(restored, { recursive: true });
  writeFileSync(join(restored, `${month.name}.until-${Date.now() + 86_400_000}.sqlite`), '');

  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const lease = new FakeLease();
  const job = restoreJob(server, lease);
  t.after(async () => {
    server.stopping.abort();
    await job.stop();
    hangs.close();
    await registry.destroy();
    await place[Symbol.asyncDispose]();
  });
  lease.gain(1);
  await asked;
  for (const _ of ['it takes long', 'its database does not say that it is at work']) {
    t.mock.timers.tick(60_000);
    await setImmediate();
  }
  t.mock.timers.reset();
  const left = () => registry<ArchiveRestoreRow>('archive_restores').select('id', 'fault');
  await until('the other is served', async () => !(await left()).some(({ id }) => id === 'near'));
  assert.deepEqual(await left(), [{ id: 'far', fault: null }]);
});

test('why a month could not be brought back is told though the registry goes away then', async () => {
  await using place = await testDatabase();
  const registry = await openRegistry(place.at);
  const told: object[] = [];
  const closed = Promise.withResolvers<void>();
  const unseal = () => {
    registry.destroy().then(closed.resolve, closed.reject);
    throw new Error('the real cause');
  };
  const server = {
    ...{ registry, dataFolder: join(place.folder, 'data'), masterKey: { unseal }, stopping: new AbortController() },
    log: { ...pino({ level: 'silent' }), error: (what: object) => told.push(what) },
    customers: { folder: (id: CustomerId) => join(place.folder, id) } as Partial<ServerContext['customers']>,
  } as unknown as ServerContext;
  const { from, name: month } = monthOf(Date.now(), -20);
  const customer = 'acme' as CustomerId;
  const wish: ArchiveRestoreRow = {
    ...{ id: 'wish', customer_id: customer, from_at: from, until_at: Date.now() + 86_400_000 },
    ...{ asked_at: 1, asked_by: 'alice', identity: 'sealed', fault: null },
  };
  await registry('archive_restores').insert(wish);
  const lease = new FakeLease();
  const job = restoreJob(server, lease);
  lease.gain(1);
  await until('the registry is told to be away, too', () => told.length > 1);
  await job.stop();
  await closed.promise;
  assert.deepEqual(told[0], { customer, month, err: new Error('the real cause') });
});
