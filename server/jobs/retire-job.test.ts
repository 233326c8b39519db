import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { resumeCustomer, suspendCustomer } from '../accounts/suspend.ts';
import { buildWorld, sentinelHeaders } from '../build-world.ts';
import { addEnrolmentCode } from '../enrolment/codes.ts';
import { enrol } from '../enrolment/enrol.ts';
import { listSentinels } from '../enrolment/sentinels.ts';
import type { ServerContext } from '../http/context.ts';
import { customerTurns } from './customer-turns.ts';
import { retire } from './retire-job.ts';

const dayMs = 86_400_000;
const turnOf = ({ log }: ServerContext) => ({
  fence: 1,
  take: customerTurns({ log }, { longestMs: dayMs, failed: 'so' }),
});

test('desktops of a pool that says so retire once they were unseen for so long, and nobody else does', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const pool = { location: 'Pool', uses: 2, retireAfterMs: 7 * dayMs };
  const code = await addEnrolmentCode(world.context, acme, pool);
  const device = { code, name: 'VDI', platform: 'linux', version: '0.1.0' };
  const [used, thrownAway] = [await enrol(world.context, device), await enrol(world.context, device)];
  const desk = await world.enrolled(acme);
  const states = async () => new Map((await listSentinels(world.context, acme)).map(({ id, state }) => [id, state]));

  world.advance(6 * dayMs);
  await world.context.customers.use(acme, (db) =>
    db('sentinels').where({ id: used.sentinelId }).update({ last_seen_at: world.context.now() }),
  );
  await retire(world.context, turnOf(world.context));
  assert.ok(![...(await states()).values()].includes('revoked'), 'none yet');
  world.advance(2 * dayMs);
  await retire(world.context, turnOf(world.context));
  const after = await states();
  assert.deepEqual(
    [used.sentinelId, thrownAway.sentinelId, desk.id].map((id) => after.get(id) === 'revoked'),
    [false, true, false],
  );
  const headers = sentinelHeaders(thrownAway.sentinelId, thrownAway.apiKey);
  assert.equal((await world.ask('GET', `${apiPrefix}/assignments`, { headers })).code, 'KEY_REVOKED');
  const trail = await world.context.customers.use(acme, (db) => db('audit').where({ action: 'sentinel-retired' }));
  assert.deepEqual([trail.length, trail[0]?.actor_name], [1, 'retirement']);
});

test('nobody retires for having been shut out: time counts from when the customer was let in again', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const code = await addEnrolmentCode(world.context, acme, { location: 'Pool', retireAfterMs: 2 * dayMs });
  const device = { code, name: 'VDI', platform: 'linux', version: '0.1.0' };
  const { sentinelId } = await enrol(world.context, device);
  const isRevoked = async () =>
    (await listSentinels(world.context, acme)).some(({ id, state }) => id === sentinelId && state === 'revoked');
  const customer = { id: acme, name: 'Acme', timeZone: 'UTC', suspendedAt: null };

  await suspendCustomer(world.context, customer);
  world.advance(30 * dayMs);
  await retire(world.context, turnOf(world.context));
  assert.equal(await isRevoked(), false, 'suspended');
  await resumeCustomer(world.context, customer);
  await retire(world.context, turnOf(world.context));
  assert.equal(await isRevoked(), false, 'it had no time yet to be heard');
  world.advance(2 * dayMs);
  await retire(world.context, turnOf(world.context));
  assert.equal(await isRevoked(), true);
});
