import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CustomerId } from '../../db/customers.ts';
import { apiPrefix, headers } from '../../sentinel/protocol/messages.ts';
import { type Ask, buildWorld, type EnrolledSentinel, type World } from '../build-world.ts';
import { addEnrolmentCode } from './codes.ts';
import { listSentinels } from './sentinels.ts';
import { NewCode, OpenCodesAnswer, SentinelsAnswer } from './shapes.ts';

async function acmeAndBolt(world: World) {
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  return { acme, bolt, asBob: await world.signedIn('bob', acme, 'admin'), at: `/api/v1/customers/${acme}` };
}

const enrol = (world: World, code: string, name = 'PC 7') =>
  world.ask('POST', `${apiPrefix}/enrolments`, { body: { code, name, platform: 'linux-x64', version: '0.1.0' } });

async function sentinelsOf(ask: Ask, customer: CustomerId) {
  return SentinelsAnswer.parse((await ask('GET', `/api/v1/customers/${customer}/sentinels`)).json()).sentinels;
}

const heartbeat = { version: '0.1.0', platform: 'linux x64', sandboxLevel: 3, problems: [] as string[] };
const drops = [{ kind: 'runs', reason: 'size', count: 3 }];
const beat = (sentinel: EnrolledSentinel, problems: string[] = [], headers: Record<string, string> = {}, said = {}) =>
  sentinel.ask('POST', `${apiPrefix}/heartbeats`, {
    body: { ...heartbeat, spool: { runs: 2, rejected: 1, dropped: 3, putOff: 1, drops }, problems, ...said },
    headers,
  });

test('an administrator makes a code, is told it once with the lines to paste, and withdraws it', async () => {
  await using world = await buildWorld();
  const { acme, asBob, at } = await acmeAndBolt(world);
  mkdirSync(world.context.installFolder);
  const without = NewCode.parse((await asBob('POST', `${at}/enrolment-codes`, { body: { location: 'Delft' } })).json());
  assert.equal(without.install, null, 'it has no packages to hand out');
  assert.equal((await asBob('DELETE', `${at}/enrolment-codes/${without.id}`)).status, 204);
  writeFileSync(join(world.context.installFolder, 'install.sh'), '#!/bin/sh\n');
  const wish = { location: ' VDI pool ', uses: 3, lifeMs: 7_200_000 };
  const made = await asBob('POST', `${at}/enrolment-codes`, { body: wish });
  const { code, id, location, expiresAt, install, enrol: line } = NewCode.parse(made.json());
  assert.equal(made.headers['cache-control'], 'no-store');
  assert.equal(location, 'VDI pool');
  assert.ok(Math.abs(expiresAt - world.context.now() - 7_200_000) < 60_000);
  for (const text of [install?.unix, install?.windows, line])
    assert.ok(
      text?.includes(code) && text.includes(world.context.authority.pins[0] ?? '') && text.includes(world.server.url),
    );

  const listed = await asBob('GET', `${at}/enrolment-codes`);
  const [open] = OpenCodesAnswer.parse(listed.json()).codes;
  assert.deepEqual(
    [open?.id, open?.prefix, open?.uses, open?.usesLeft, open?.addedBy],
    [id, code.slice(0, 5), 3, 3, 'bob'],
  );
  assert.ok(!listed.text.includes(code), 'it is never told again');

  assert.equal((await enrol(world, code)).status, 200);
  assert.equal(OpenCodesAnswer.parse((await asBob('GET', `${at}/enrolment-codes`)).json()).codes[0]?.usesLeft, 2);
  assert.equal((await asBob('DELETE', `${at}/enrolment-codes/${id}`)).status, 204);
  assert.equal((await enrol(world, code)).code, 'CODE_WITHDRAWN');
  assert.deepEqual(OpenCodesAnswer.parse((await asBob('GET', `${at}/enrolment-codes`)).json()).codes, []);
  assert.equal((await asBob('DELETE', `${at}/enrolment-codes/${id}`)).status, 404);
  const trail = await world.context.customers.use(acme, (db) => db('audit').orderBy('id').pluck('action'));
  assert.deepEqual(trail.slice(-3), ['enrolment-code-added', 'sentinel-enrolled', 'enrolment-code-withdrawn']);
});

test('a code gives its sentinels tags; a sentinel is renamed, moved and given others, and what it had told stays', async () => {
  await using world = await buildWorld();
  const { acme, asBob, at } = await acmeAndBolt(world);
  const wish = { location: 'Delft', tags: [' vdi', 'thin', 'vdi'] };
  const made = NewCode.parse((await asBob('POST', `${at}/enrolment-codes`, { body: wish })).json());
  assert.deepEqual(OpenCodesAnswer.parse((await asBob('GET', `${at}/enrolment-codes`)).json()).codes[0]?.tags, [
    'thin',
    'vdi',
  ]);
  assert.equal((await enrol(world, made.code)).status, 200);
  const [one] = await sentinelsOf(asBob, acme);
  assert.deepEqual([one?.location, one?.tags], ['Delft', ['thin', 'vdi']]);
  const change = (body: object) => asBob('PUT', `${at}/sentinels/${one?.id}`, { body });
  assert.equal((await change({ name: 'Desk 9', location: 'Utrecht' })).status, 204);
  assert.equal((await change({ tags: [] })).status, 204);
  assert.equal((await change({ tags: [] })).status, 204);
  const [after] = await sentinelsOf(asBob, acme);
  assert.deepEqual([after?.name, after?.location, after?.tags], ['Desk 9', 'Utrecht', []]);
  for (const wrong of [{ name: ' ' }, { location: '' }, { tags: [''] }, { tags: ['x'.repeat(51)] }, { tags: ['a,b'] }])
    assert.equal((await change(wrong)).status, 400);
  await assert.rejects(addEnrolmentCode(world.context, acme, { location: 'Delft', tags: ['a,b'] }), /no comma.*"a,b"/);
  assert.equal((await asBob('PUT', `${at}/sentinels/${acme}`, { body: { name: 'x' } })).status, 404);
  const told = await world.context.customers.use(acme, (db) =>
    db('audit').where({ action: 'sentinel-changed' }).orderBy('id').pluck('subject'),
  );
  assert.deepEqual(told, ['PC 7', 'Desk 9'], 'what changed nothing is not written down');
});

test("another customer's codes and sentinels can be neither seen nor changed", async () => {
  await using world = await buildWorld();
  const { acme, bolt, asBob, at } = await acmeAndBolt(world);
  await addEnrolmentCode(world.context, bolt, { location: 'Delft' });
  const sentinel = await world.enrolled(bolt);
  const asCarla = await world.signedIn('carla', bolt, 'admin');
  const theirs = OpenCodesAnswer.parse((await asCarla('GET', `/api/v1/customers/${bolt}/enrolment-codes`)).json());
  assert.equal(theirs.codes.length, 1);
  assert.equal((await asBob('DELETE', `${at}/enrolment-codes/${theirs.codes[0]?.id}`)).status, 404);
  assert.equal((await asBob('POST', `${at}/sentinels/${sentinel.id}/revocation`)).status, 404);
  assert.equal((await asBob('PUT', `${at}/sentinels/${sentinel.id}`, { body: { tags: ['x'] } })).status, 404);
  assert.equal((await asBob('POST', `${at}/sentinels/${sentinel.id}/decision`, { body: { boot: 'x' } })).status, 404);
  assert.deepEqual(await sentinelsOf(asBob, acme), []);
  assert.equal((await beat(sentinel)).status, 200);
});

test('of 100 devices that use a code of one use at once exactly one gets in, and of a pool exactly as many as it is for', async () => {
  await using world = await buildWorld();
  const { acme } = await acmeAndBolt(world);
  for (const [uses, askers] of [
    [1, 100],
    [7, 30],
  ] as const) {
    const code = await addEnrolmentCode(world.context, acme, { location: 'VDI pool', uses });
    const answers = await Promise.all(Array.from({ length: askers }, (_, i) => enrol(world, code, `PC ${i}`)));
    assert.equal(answers.filter((answer) => answer.status === 200).length, uses);
    const refused = answers.filter(({ code }) => code === 'CODE_USED' || code === 'TOO_MANY_WRONG_CODES');
    assert.equal(refused.length, askers - uses);
  }
  assert.equal((await listSentinels(world.context, acme)).length, 8, 'nothing is left of the others');
});

test('a sentinel is listed with its state in a word, and what it says of itself', async () => {
  await using world = await buildWorld();
  const { acme, asBob } = await acmeAndBolt(world);
  const sentinel = await world.enrolled(acme);
  const now = async () => (await sentinelsOf(asBob, acme))[0];
  assert.equal((await now())?.state, 'unused');
  await beat(sentinel);
  assert.equal((await now())?.state, 'connected');
  assert.deepEqual((await now())?.spool, { runs: 2, rejected: 1, dropped: 3, putOff: 1, drops });
  await beat(sentinel, ['the browser is missing']);
  assert.equal((await now())?.state, 'problems');
  assert.deepEqual((await now())?.problems, ['the browser is missing']);
  const refused = [{ monitorId: acme, setting: 'screenshots', asked: 'a picture of what went wrong' }];
  const stalls = [{ phase: 'TLS', from: 1, to: 2 }] as const;
  const paused = { since: 5, reason: 'stocktaking' };
  await beat(sentinel, [], {}, { refused, stalls, paused });
  assert.equal((await now())?.state, 'paused');
  assert.deepEqual((await now())?.paused, { since: 5, until: null, reason: 'stocktaking' });
  assert.deepEqual([(await now())?.refused, (await now())?.stalls], [refused, stalls]);
  world.advance(120_000);
  assert.equal((await now())?.state, 'away');
});

test('a revoked sentinel is refused at its next request, and so is the one that it has open', {
  timeout: 35_000, // less than the question waits
}, async () => {
  await using world = await buildWorld();
  const { acme, asBob, at } = await acmeAndBolt(world);
  const sentinel = await world.enrolled(acme);
  const first = await sentinel.ask('GET', `${apiPrefix}/assignments`);
  const known = { 'if-none-match': String(first.headers.etag), prefer: 'wait=40' };
  const open = sentinel.ask('GET', `${apiPrefix}/assignments`, { headers: known });
  assert.equal((await asBob('POST', `${at}/sentinels/${sentinel.id}/revocation`)).status, 204);
  assert.equal((await open).code, 'KEY_REVOKED');
  assert.equal((await beat(sentinel)).code, 'KEY_REVOKED');
  assert.equal((await sentinelsOf(asBob, acme))[0]?.state, 'revoked');
});

test('a copied machine is parked at its first request, and an administrator decides which of the two goes on', async () => {
  await using world = await buildWorld();
  const { acme, asBob, at } = await acmeAndBolt(world);
  const sentinel = await world.enrolled(acme);
  let counter = 0;
  const as = async (boot: string, before: string) => {
    counter += 1;
    const said = { [headers.boot]: boot, [headers.before]: before, [headers.counter]: String(counter) };
    const answer = await beat(sentinel, [], said);
    return answer.code ?? answer.status;
  };
  assert.equal(await as('one', 'none'), 200);
  assert.equal(await as('copy', 'none'), 'SENTINEL_PARKED');
  assert.equal(await as('one', 'known'), 200);
  const [listed] = await sentinelsOf(asBob, acme);
  assert.equal(listed?.state, 'parked');
  assert.deepEqual(
    listed?.machines.map(({ boot, state }) => [boot, state]),
    [
      ['one', 'reporting'],
      ['copy', 'parked'],
    ],
  );
  const decide = (boot: string) => asBob('POST', `${at}/sentinels/${sentinel.id}/decision`, { body: { boot } });
  assert.equal((await decide('gone')).code, 'MACHINE_GONE');
  assert.equal((await decide('copy')).status, 204);
  assert.equal(await as('one', 'known'), 'SENTINEL_PARKED');
  assert.equal(await as('copy', 'none'), 200);
  assert.equal((await sentinelsOf(asBob, acme))[0]?.state, 'connected');
  const trail = await world.context.customers.use(acme, (db) => db('audit').orderBy('id').pluck('action'));
  assert.deepEqual(trail.slice(-2), ['sentinel-parked', 'sentinel-copies-decided']);
});

test('of a machine copied with its memory, the request that comes a second time is refused and told to begin anew', async () => {
  await using world = await buildWorld();
  const { acme } = await acmeAndBolt(world);
  const sentinel = await world.enrolled(acme);
  const said = { [headers.boot]: 'one', [headers.before]: 'none', [headers.counter]: '5' };
  assert.equal((await beat(sentinel, [], said)).status, 200);
  assert.equal((await beat(sentinel, [], said)).code, 'BOOT_REPLACED');
  assert.equal((await beat(sentinel, [], { ...said, [headers.counter]: '6' })).status, 200);
});
