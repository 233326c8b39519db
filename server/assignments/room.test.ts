import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assignments, apiPrefix, maxAnswerBytes } from '../../sentinel/protocol/messages.ts';
import { buildAuthorWorld, type EnrolledSentinel } from '../build-world.ts';
import { addEnrolmentCode } from '../enrolment/codes.ts';

const MiB = 1024 * 1024;
const text = `import { test } from '@playwright/test';\ntest('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;
const script = { path: 'home.spec.ts', files: { 'home.spec.ts': text } };

function monitor(name: string, mib: number, sentinels: object) {
  return { name, script: 'home.spec.ts', everyMs: 60_000, variables: { TEXT: 'x'.repeat(mib * MiB) }, sentinels };
}

test('what a sentinel is to do grows no larger than it can read: who gives it more is told the limit, and nothing changes', async () => {
  const { world, customerId, alice, sentinel: desk, at } = await buildAuthorWorld();
  await using _world = world;
  const admin = await world.signedIn('ada', customerId, 'admin');
  const kiosk = await world.enrolled(customerId, 'Zwolle');
  const tag = (of: EnrolledSentinel, ...tags: string[]) => admin('PUT', `${at}/sentinels/${of.id}`, { body: { tags } });
  const deploy = async (owner: string, monitors: object[], scripts: object[] = []) => {
    const answer = await alice('PUT', `${at}/deployments/${owner}`, { body: { scripts, monitors } });
    return { status: answer.status, detail: String((answer.json() as { detail?: string }).detail) };
  };
  const given = async (to: EnrolledSentinel) => {
    const answer = await to.ask('GET', `${apiPrefix}/assignments`);
    const assignments = Assignments.parse(answer.json());
    assert.ok(JSON.stringify(assignments).length < maxAnswerBytes);
    return assignments.assignments.map(({ name }) => name).toSorted();
  };

  const four = [1, 2, 3, 4].map((n) => monitor(`Large ${n}`, 1.85, { locations: ['Utrecht'] }));
  assert.equal((await deploy('large', four, [script])).status, 200);
  assert.equal((await tag(kiosk, 'kiosk')).status, 204);
  assert.equal((await deploy('tagged', [monitor('Tagged', 1, { tags: ['kiosk'] })])).status, 200);

  const more = await deploy('more', [monitor('More', 0.7, { locations: ['Utrecht', 'Zwolle'] })]);
  assert.equal(more.status, 422);
  assert.match(more.detail, /^The sentinel "PC at Utrecht" would have 8\.1 MiB to read .* takes 7\.9 MiB: nothing was/);
  assert.match(more.detail, /"Large \d" with 1\.9 MiB, .* give monitors to fewer sentinels each$/);
  const tagged = await tag(desk, 'kiosk');
  assert.deepEqual([tagged.status, (tagged.json() as { code: string }).code], [409, 'TOO_MUCH_TO_DO']);
  assert.deepEqual(await given(desk), ['Large 1', 'Large 2', 'Large 3', 'Large 4']);
  assert.deepEqual(await given(kiosk), ['Tagged']);
  assert.equal((await deploy('more', [monitor('More', 0.7, { names: ['PC at Zwolle'] })])).status, 200);

  const code = await addEnrolmentCode(world.context, customerId, { location: 'Utrecht' });
  const device = { code, name: 'PC at Zwolle', platform: 'linux-x64', version: '0.1.0' };
  const enrolled = await world.ask('POST', `${apiPrefix}/enrolments`, { body: device });
  assert.deepEqual([enrolled.status, (enrolled.json() as { code: string }).code], [409, 'TOO_MUCH_TO_DO']);
  const again = await world.ask('POST', `${apiPrefix}/enrolments`, { body: { ...device, name: 'Lobby' } });
  assert.equal(again.status, 200, 'the code was not used up');

  const large = await world.context.customers.use(customerId, (db) =>
    db('monitors').where({ name: 'Large 1' }).first(),
  );
  const pause = (paused: boolean) => alice('PUT', `${at}/monitors/${large.id}/paused`, { body: { paused } });
  assert.equal((await pause(true)).status, 204);
  assert.equal((await deploy('instead', [monitor('Instead', 1, { names: ['PC at Utrecht'] })])).status, 200);
  const resumed = await pause(false);
  assert.deepEqual([resumed.status, (resumed.json() as { code: string }).code], [409, 'TOO_MUCH_TO_DO']);
  assert.deepEqual(await given(desk), ['Instead', 'Large 2', 'Large 3', 'Large 4']);

  const small = (n: number) => monitor(`Small ${n}`, 0.1, { locations: ['Utrecht'] });
  assert.equal((await deploy('small', [small(1), small(2)])).status, 200);
  const variables = JSON.stringify({ TEXT: 'x'.repeat(4 * MiB) });
  await world.context.customers.use(customerId, (db) =>
    db('monitors').where({ name: 'Large 2' }).update({ variables }),
  );
  assert.equal((await deploy('other', [monitor('Other', 0.1, { names: ['PC at Zwolle'] })])).status, 200, 'for others');
  assert.equal(
    (await deploy('small', [small(1), small(2), small(3)])).status,
    422,
    'one that has too much gets no more',
  );
  assert.equal((await deploy('small', [small(1)])).status, 200, 'less, and still too much');
});
