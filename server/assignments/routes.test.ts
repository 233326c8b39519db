import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { Assignments, apiPrefix, headers } from '../../sentinel/protocol/messages.ts';
import { sha256Hex, verifyStatement } from '../../sentinel/protocol/statement.ts';
import { until } from '../../test/faults/until.ts';
import { type Ask, buildWorld, type EnrolledSentinel, sentinelHeaders, type World } from '../build-world.ts';
import { revokeSentinel } from '../enrolment/revoke.ts';
import { addMonitor } from './monitors.ts';
import { publish } from './publish.ts';

const path = `${apiPrefix}/assignments`;
const shop = (title = 'Shop') => `import { test } from '@playwright/test';
test('${title}', async ({ page }) => { await page.goto('https://shop.example/'); console.log(process.env.SHOP_PASSWORD); });`;

async function buildWatched() {
  const world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  const put = (source: string) =>
    publish(world.context, customerId, {
      script: { name: 'shop.spec.ts', source },
      author: 'test',
      hosts: ['127.0.0.1:8080'],
    });
  await put(shop());
  const add = (name: string, more: object = {}) =>
    addMonitor(world.context, customerId, { name, script: 'shop.spec.ts', everyMs: 60_000, ...more });
  return { world, customerId, put, add, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

async function assignments(sentinel: EnrolledSentinel, headers: Record<string, string> = {}) {
  const answer = await sentinel.ask('GET', path, { headers });
  return { answer, content: answer.status === 200 ? Assignments.parse(answer.json()) : undefined };
}

test('a sentinel is told what to run, signed for its customer, and fetches the script by its hash', async () => {
  await using watched = await buildWatched();
  const monitorId = await watched.add('Shop', {
    use: { baseURL: 'http://127.0.0.1:8080/' },
    variables: { LANG: 'nl' },
  });
  const sentinel = await watched.world.enrolled(watched.customerId);
  const { content } = await assignments(sentinel);
  const [assignment] = content?.assignments ?? [];
  assert.ok(content && assignment);
  const { script, scheduleSince, ...rest } = assignment;
  assert.equal(typeof scheduleSince, 'number');
  assert.deepEqual(rest, {
    ...{ monitorId, name: 'Shop', schedule: { everyMs: 60_000 }, timeoutMs: 60_000, maskSelectors: [] },
    ...{ use: { baseURL: 'http://127.0.0.1:8080/' }, variables: { LANG: 'nl' }, secrets: ['SHOP_PASSWORD'] },
    evidence: { screenshot: 'viewport', quality: 75, width: 1280, trace: false, whenPassed: 'daily' },
    ...{ confirmFailures: false, minSandboxLevel: 1 },
  });
  const verified = verifyStatement(script, content.scriptKeys, watched.customerId);
  assert.ok(verified.ok);
  assert.deepEqual(verified.statement.hosts, ['127.0.0.1:8080', 'shop.example']);
  const bundle = await sentinel.ask('GET', `${apiPrefix}/scripts/${verified.statement.bundleSha256}`);
  assert.equal(sha256Hex(bundle.text), verified.statement.bundleSha256);
  assert.match(String(bundle.headers['cache-control']), /immutable/);
});

test('what to do comes packed for who can unpack it, and is the same', async () => {
  await using watched = await buildWatched();
  for (const name of ['One', 'Two'])
    await watched.add(name, { variables: { NOISE: randomBytes(1000).toString('hex') } });
  const sentinel = await watched.world.enrolled(watched.customerId);
  const { answer, content } = await assignments(sentinel);
  for (let time = 0; time < 2; time++) {
    const packed = await sentinel.ask('GET', path, { headers: { 'accept-encoding': 'gzip' } });
    assert.deepEqual([packed.headers['content-encoding'], packed.headers.etag], ['gzip', answer.headers.etag]);
    const { serverTime, ...same } = Assignments.parse(packed.json());
    assert.deepEqual({ ...same, serverTime: content?.serverTime }, content);
    assert.ok(serverTime >= (content?.serverTime ?? Number.NaN));
  }
});

test("a customer's script is nobody else's", async () => {
  await using watched = await buildWatched();
  const { sha256 } = await watched.put(shop());
  const stranger = await watched.world.enrolled(await watched.world.addCustomer('Bolt'));
  assert.equal((await stranger.ask('GET', `${apiPrefix}/scripts/${sha256}`)).code, 'NOT_FOUND');
  assert.deepEqual((await assignments(stranger)).content?.assignments, []);
});

test('a monitor for chosen sentinels is run by those alone', async () => {
  await using watched = await buildWatched();
  const [chosen, other] = [
    await watched.world.enrolled(watched.customerId),
    await watched.world.enrolled(watched.customerId),
  ];
  await watched.add('For all');
  await watched.add('For one', { sentinels: [chosen.id] });
  const names = async (sentinel: EnrolledSentinel) =>
    (await assignments(sentinel)).content?.assignments.map((a) => a.name).sort();
  assert.deepEqual(await names(chosen), ['For all', 'For one']);
  assert.deepEqual(await names(other), ['For all']);
});

test('what is unchanged is not sent again', async () => {
  await using watched = await buildWatched();
  const sentinel = await watched.world.enrolled(watched.customerId);
  const { answer } = await assignments(sentinel);
  const known = { 'if-none-match': String(answer.headers.etag) };
  watched.world.advance(5000);
  assert.equal((await assignments(sentinel, known)).answer.status, 304);
  await watched.add('Shop');
  assert.equal((await assignments(sentinel, known)).answer.status, 200);
});

/** A request of the sentinel that the server keeps open, waiting for news. */
async function openRequest({ context }: World, sentinel: EnrolledSentinel) {
  const etag = String((await assignments(sentinel)).answer.headers.etag);
  const answered = assignments(sentinel, { 'if-none-match': etag, prefer: 'wait=50' });
  // Each request of this sentinel was seen when it was let in; whether it waits by then makes no difference.
  await once(context.events, 'sentinelSeen');
  return { answered };
}

test('an open request is answered as soon as something changes', async () => {
  await using watched = await buildWatched();
  const sentinel = await watched.world.enrolled(watched.customerId);
  const { answered } = await openRequest(watched.world, sentinel);
  await watched.add('Shop');
  const { answer, content } = await answered;
  assert.equal(answer.headers['preference-applied'], 'wait=50');
  assert.equal(content?.assignments.length, 1);
});

test('an open request of a machine that says which starts came before is not taken for its own repeat', async () => {
  await using watched = await buildWatched();
  const { world, customerId } = watched;
  const { id, apiKey, ...rest } = await world.enrolled(customerId);
  const own = { ...sentinelHeaders(id, apiKey), [headers.before]: 'none' };
  let counter = 1;
  const ask: Ask = (method, path, question) =>
    world.ask(method, path, { headers: { ...own, ...question?.headers, [headers.counter]: String(counter++) } });
  const { answered } = await openRequest(world, { id, apiKey, ...rest, ask });
  await watched.add('Shop');
  assert.equal((await answered).content?.assignments.length, 1);
});

test('an open request ends unchanged when its time is over, and when the server stops', async () => {
  await using watched = await buildWatched();
  const sentinel = await watched.world.enrolled(watched.customerId);
  const etag = String((await assignments(sentinel)).answer.headers.etag);
  assert.equal((await assignments(sentinel, { 'if-none-match': etag, prefer: 'wait=1' })).answer.status, 304);
  const { answered } = await openRequest(watched.world, sentinel);
  watched.world.context.stopping.abort();
  assert.equal((await answered).answer.status, 304);
});

test('a sentinel has one request open: the older one ends unchanged when it asks another, those of others wait on', async () => {
  await using watched = await buildWatched();
  const { world, customerId } = watched;
  const [sentinel, neighbour] = [await world.enrolled(customerId), await world.enrolled(customerId)];
  const waitsOn = await openRequest(world, neighbour);
  const older = await openRequest(world, sentinel);
  const newer = await openRequest(world, sentinel);
  assert.equal((await older.answered).answer.status, 304);
  await watched.add('Shop');
  for (const { answered } of [newer, waitsOn]) assert.equal((await answered).answer.status, 200);
});

test('requests that look while something changes look once more and wait on: none makes the others look again', async () => {
  await using watched = await buildWatched();
  const { world, customerId } = watched;
  const { events } = world.context;
  const other = await world.addCustomer('Bolt');
  const sentinels = await Promise.all(Array.from({ length: 12 }, () => world.enrolled(customerId)));
  const etag = String((await assignments(await world.enrolled(customerId))).answer.headers.etag);
  let looks = 0;
  events.on('sentinelSeen', () => looks++);
  const open = sentinels.map((one) => assignments(one, { 'if-none-match': etag, prefer: 'wait=2' }));
  await until('all wait', () => looks >= 12);
  // Both look again, and while they do something changes for somebody else.
  events.once('sentinelSeen', () => events.emit('assignmentsChanged', other));
  events.emit('assignmentsChanged', customerId);
  for (const { answer } of await Promise.all(open)) assert.equal(answer.status, 304);
  // At first, after each of the two changes, and when their time is over; the watch may tell of what was published, too.
  assert.ok(looks <= 12 * 6, `${looks} looks`);
});

test("a revocation is told to whoever waits although the customer's database fails", async () => {
  await using watched = await buildWatched();
  const { world, customerId } = watched;
  const { context } = world;
  const sentinel = await world.enrolled(customerId);
  const told = async () => (await context.registry('assignment_changes')).length;
  const before = await told();
  await context.customers.use(customerId, (db) => db.schema.dropTable('audit'));
  await assert.rejects(revokeSentinel(context, customerId, sentinel.id));
  assert.equal(await told(), before + 1);
});

test('a request that is open when its key is revoked is told so at once, not what is to be done', async () => {
  await using watched = await buildWatched();
  const sentinel = await watched.world.enrolled(watched.customerId);
  const { answered } = await openRequest(watched.world, sentinel);
  await revokeSentinel(watched.world.context, watched.customerId, sentinel.id);
  await watched.add('Shop');
  assert.equal((await answered).answer.code, 'KEY_REVOKED');
});

test('a heartbeat that is as full as it may be is taken: refused, its sentinel would be silent for good', async () => {
  await using watched = await buildWatched();
  const sentinel = await watched.world.enrolled(watched.customerId);
  const monitorId = await watched.add('Shop');
  const said = 'ü'.repeat(500);
  const body = {
    ...{ version: '0.2.0', platform: 'linux-x64', sandboxLevel: 3, spool: { runs: 1, rejected: 0, dropped: 0 } },
    problems: Array.from({ length: 50 }, (_, i) => `${i}${said}`.slice(0, 500)),
    refused: Array.from({ length: 100 }, () => ({ monitorId, setting: 'hosts', asked: said })),
    skips: Array.from({ length: 100 }, (_, i) => ({ monitorId, reason: 'hours', from: i, to: i, count: 1 })),
  };
  const answer = await sentinel.ask('POST', `${apiPrefix}/heartbeats`, { body });
  assert.deepEqual([answer.status, answer.code], [200, undefined]);
});

test('a heartbeat is kept with the sentinel', async () => {
  await using watched = await buildWatched();
  const sentinel = await watched.world.enrolled(watched.customerId);
  const body = {
    ...{ version: '0.2.0', platform: 'linux-x64', sandboxLevel: 3, problems: ['no browser was found'] },
    spool: { runs: 1, rejected: 0, dropped: 0 },
  };
  const before = watched.world.context.now();
  assert.equal((await sentinel.ask('POST', `${apiPrefix}/heartbeats`, { body })).status, 200);
  const row = await watched.world.context.customers.use(watched.customerId, (db) => db('sentinels').first());
  assert.deepEqual(JSON.parse(row.heartbeat), body);
  assert.equal(row.version, '0.2.0');
  assert.ok(row.last_seen_at >= before);
});
