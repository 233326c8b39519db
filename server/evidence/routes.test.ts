import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import type { EvidenceRow } from '../../db/customer/rows.ts';
import { apiPrefix, maxEvidenceBytes, type Run } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { buildWorld, type World } from '../build-world.ts';
import { buildFailedRun } from '../ingest/build-run.ts';
import { RunAnswer, RunsAnswer } from '../reports/shapes.ts';

const screenshot = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#cc3366' } })
  .webp()
  .toBuffer();
const hash = sha256Hex(screenshot);

/** A sentinel whose stored run names the files. */
async function buildReporter(world: World, name: string, ...files: Buffer[]) {
  return buildReporterOf(world, name, 'screenshot', ...files);
}

async function buildReporterOf(world: World, name: string, kind: Run['evidence'][number]['kind'], ...files: Buffer[]) {
  const customerId = await world.addCustomer(name);
  const sentinel = await world.enrolled(customerId);
  const { id: monitorId } = await world.context.customers.use(customerId, (db) => buildMonitor(db));
  const evidence: Run['evidence'] = files.map((file) => ({
    ...{ kind, sha256: sha256Hex(file), bytes: Math.max(1, file.length), mediaType: 'image/webp' },
  }));
  const run = buildFailedRun({ monitorId, startedAt: world.context.now(), evidence });
  assert.equal((await sentinel.ask('POST', `${apiPrefix}/runs`, { body: run })).status, 200);
  const put = (content: Buffer, sha256 = sha256Hex(content)) =>
    sentinel.ask('PUT', `${apiPrefix}/evidence/${sha256}`, {
      body: content,
      headers: { 'content-type': 'image/webp' },
    });
  const rows = () => world.context.customers.use(customerId, async (db) => db<EvidenceRow>('evidence'));
  return { customerId, monitorId, sentinel, run, put, rows };
}

test('a screenshot is sent after its run, kept redrawn, and shown to users of the customer alone', async () => {
  await using world = await buildWorld();
  const acme = await buildReporter(world, 'Acme', screenshot);
  const other = await buildReporter(world, 'Other');
  assert.equal((await acme.put(screenshot)).status, 204);
  const alice = await world.signedIn('alice', acme.customerId);
  const charlie = await world.signedIn('charlie', other.customerId);
  const shown = RunAnswer.parse(
    (await alice('GET', `/api/v1/customers/${acme.customerId}/runs/${acme.run.id}`)).json(),
  );
  const [picture] = shown.evidence;
  assert.ok(picture);
  assert.deepEqual(
    [picture.kind, picture.mediaType, picture.width, picture.height],
    ['screenshot', 'image/webp', 64, 48],
  );
  const file = await alice('GET', picture.url);
  assert.equal(file.status, 200);
  assert.equal(file.headers['content-type'], 'image/webp');
  assert.equal(file.headers['content-length'], String(picture.bytes));
  assert.equal(file.headers['x-content-type-options'], 'nosniff');
  assert.equal(file.headers['content-security-policy'], "sandbox; default-src 'none'");
  assert.equal(file.headers['cache-control'], 'private, no-cache');
  const seenBefore = { headers: { 'if-none-match': String(file.headers.etag) } };
  assert.equal((await alice('GET', picture.url, seenBefore)).status, 304);
  const list = `/api/v1/customers/${acme.customerId}/monitors/${acme.monitorId}/runs`;
  assert.equal(RunsAnswer.parse((await alice('GET', list)).json()).runs[0]?.screenshot, true);
  const elsewhere = picture.url.replace(acme.customerId, other.customerId);
  for (const url of [picture.url, elsewhere]) assert.equal((await charlie('GET', url, seenBefore)).status, 404);
  assert.equal((await world.ask('GET', picture.url, seenBefore)).status, 401);
});

test('a repeat is harmless', async () => {
  await using world = await buildWorld();
  const { put, rows } = await buildReporter(world, 'Acme', screenshot);
  await put(screenshot);
  const once = await rows();
  const statuses = (await Promise.all([put(screenshot), put(screenshot)])).map((answer) => answer.status);
  assert.deepEqual(statuses, [204, 204]);
  assert.deepEqual(await rows(), once);
});

test('a file that no stored run of this sentinel names is not taken: it should be kept for later', async () => {
  await using world = await buildWorld();
  const acme = await buildReporter(world, 'Acme', screenshot);
  const neighbour = await world.enrolled(acme.customerId);
  const stranger = await buildReporter(world, 'Other');
  const question = { body: screenshot, headers: { 'content-type': 'image/webp' } };
  const answer = await neighbour.ask('PUT', `${apiPrefix}/evidence/${hash}`, question);
  assert.deepEqual([answer.status, answer.code], [404, 'EVIDENCE_UNKNOWN']);
  assert.equal((await stranger.put(screenshot)).code, 'EVIDENCE_UNKNOWN');
  assert.equal((await world.ask('PUT', `${apiPrefix}/evidence/${hash}`, question)).status, 401);
  assert.ok((await acme.rows()).every((row) => row.stored_sha256 === null));
});

test('what is not a picture, or not the one it is said to be, is refused and leaves nothing', async () => {
  await using world = await buildWorld();
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const polyglot = Buffer.concat([screenshot, Buffer.from('<script>alert(1)</script>')]);
  const acme = await buildReporter(world, 'Acme', svg, polyglot, screenshot);
  for (const file of [svg, polyglot]) {
    const answer = await acme.put(file);
    assert.deepEqual([answer.status, answer.code], [422, 'EVIDENCE_REFUSED']);
  }
  const swapped = await acme.put(polyglot, hash);
  assert.deepEqual([swapped.status, swapped.code], [422, 'EVIDENCE_REFUSED']);
  assert.equal((await acme.put(Buffer.alloc(maxEvidenceBytes + 1), hash)).status, 413);
  assert.equal((await acme.put(screenshot, 'not-a-hash')).status, 404);
  assert.ok((await acme.rows()).every((row) => row.stored_sha256 === null));
});

test('runs that name the same picture share one file', async () => {
  await using world = await buildWorld();
  const acme = await buildReporter(world, 'Acme', screenshot);
  await acme.put(screenshot);
  const again = buildFailedRun({ ...acme.run, id: buildFailedRun({ monitorId: acme.monitorId }).id });
  await acme.sentinel.ask('POST', `${apiPrefix}/runs`, { body: again });
  assert.equal((await acme.put(screenshot)).status, 204);
  assert.equal(new Set((await acme.rows()).map((row) => row.stored_sha256)).size, 1);
});

const snapshot = Buffer.from('- heading "Vergeef ons…" [level=1]\n- textbox "User": <script>alert(1)</script>\n');
const trace = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(300_000, 7)]);

for (const [kind, content, mediaType, fileName] of [
  ['aria', snapshot, 'text/plain; charset=utf-8', 'aria.yaml'],
  ['trace', trace, 'application/zip', 'trace.zip'],
] as const) {
  test(`evidence of the kind ${kind} is kept byte for byte, and only ever given as a download`, async () => {
    await using world = await buildWorld();
    const acme = await buildReporterOf(world, 'Acme', kind, content);
    assert.equal((await acme.put(content)).status, 204);
    const alice = await world.signedIn('alice', acme.customerId);
    const run = (await alice('GET', `/api/v1/customers/${acme.customerId}/runs/${acme.run.id}`)).json();
    const [item] = RunAnswer.parse(run).evidence;
    assert.ok(item);
    assert.deepEqual([item.kind, item.mediaType, item.bytes, item.width], [kind, mediaType, content.length, null]);
    const file = await alice('GET', item.url);
    assert.equal(file.headers['content-type'], mediaType);
    assert.equal(file.headers['content-length'], String(content.length));
    assert.equal(file.headers['content-disposition'], `attachment; filename="${fileName}"`);
    assert.equal(file.headers['x-content-type-options'], 'nosniff');
    assert.equal(file.headers['content-security-policy'], "sandbox; default-src 'none'");
    if (kind === 'aria') assert.equal(file.text, content.toString());
    const charlie = await world.signedIn('charlie', await world.addCustomer('Other'));
    assert.equal((await charlie('GET', item.url)).status, 404);
  });
}

test('what is not a snapshot or a trace is refused and leaves nothing', async () => {
  await using world = await buildWorld();
  const binary = Buffer.from([0x2d, 0x20, 0xff, 0xfe]);
  const long = Buffer.alloc(512 * 1024 + 1, 'a');
  const aria = await buildReporterOf(world, 'Acme', 'aria', binary, long, Buffer.from('a\0b'));
  for (const file of [binary, long, Buffer.from('a\0b')]) assert.equal((await aria.put(file)).code, 'EVIDENCE_REFUSED');
  const page = Buffer.from('<script>alert(1)</script>');
  const traces = await buildReporterOf(world, 'Bolt', 'trace', page);
  assert.equal((await traces.put(page)).code, 'EVIDENCE_REFUSED');
  for (const { rows } of [aria, traces]) assert.ok((await rows()).every((row) => row.stored_sha256 === null));
});

test('of a storm of identical failures one file is stored, and every run shows it without sending it again', async () => {
  await using world = await buildWorld();
  const acme = await buildReporter(world, 'Acme', screenshot);
  assert.equal((await acme.put(screenshot)).status, 204);
  const { monitorId, sentinel, run } = acme;
  const runs = Array.from({ length: 30 }, (_, i) =>
    buildFailedRun({ monitorId, startedAt: world.context.now() + i, evidence: run.evidence }),
  );
  assert.equal((await sentinel.ask('POST', `${apiPrefix}/runs`, { body: { runs } })).status, 200);
  const neighbour = await world.enrolled(acme.customerId);
  const theirs = buildFailedRun({ monitorId, startedAt: world.context.now(), evidence: run.evidence });
  assert.equal((await neighbour.ask('POST', `${apiPrefix}/runs`, { body: theirs })).status, 200);
  const rows = await acme.rows();
  const [first] = rows;
  assert.ok(first?.stored_sha256);
  assert.equal(rows.filter((row) => row.stored_sha256 === first.stored_sha256 && row.width === 64).length, 31);
  assert.equal(
    rows.filter((row) => row.stored_sha256 === null).length,
    1,
    'another sentinel has to show that it has the file',
  );
});
