import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildHome } from '../../sentinel/build-home.ts';
import { FakeRunner } from '../../sentinel/build-runner.ts';
import { readConfig } from '../../sentinel/config.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { runSentinel } from '../../sentinel/main.ts';
import { status } from '../../sentinel/status.ts';
import { Vault } from '../../sentinel/vault.ts';
import { addMonitor } from '../../server/assignments/monitors.ts';
import { publish } from '../../server/assignments/publish.ts';
import { buildWorld, type World } from '../../server/build-world.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { decideMachine } from '../../server/enrolment/decide.ts';
import { listSentinels } from '../../server/enrolment/sentinels.ts';
import { storedRuns } from '../faults/ledger.ts';
import { until } from '../faults/until.ts';

/* What makes a sentinel this sentinel, and what it keeps: on its disk, on the server's, and on a copy of its disk. */

const never = new AbortController().signal;
const secret = 'canary-secret-5150';
const seen = 'canary-of-a-run-5151';

async function buildSite(world: World, folder: string) {
  const customerId = await world.addCustomer('Acme');
  const file = join(import.meta.dirname, '../faults/order.spec.ts');
  await publish(world.context, customerId, { script: { file }, author: 'test', hosts: ['127.0.0.1'] });
  await addMonitor(world.context, customerId, { name: 'Shop', script: 'order.spec.ts', everyMs: 1000, use: {} });
  const code = await addEnrolmentCode(world.context, customerId, { location: 'Utrecht' });
  const home = join(folder, 'home');
  const server = world.server.url;
  await enrol({ server, pin: world.context.authority.pins[0] ?? '', code, name: 'Desk', home }, never);
  new Vault(home).setSecret('SHOP_PASSWORD', secret);
  return { customerId, code, home, database: join(world.context.customers.folder(customerId), 'live.sqlite') };
}

/** A sentinel at work whose scripts all fail with a message of its own; what each run was is known. */
function startDesk(home: string) {
  const error = { code: 'ASSERTION', message: seen } as const;
  const runner = new FakeRunner(async () => ({ run: { outcome: 'failed', error } as never }));
  const stop = new AbortController();
  const openRunner = async () => runner;
  const running = runSentinel({ home, openRunner, allowRoot: true, concurrency: 1, log: () => {} }, stop.signal);
  return {
    runs: () => runner.requests.map(({ id }) => id),
    stop: () => {
      stop.abort();
      return running;
    },
  };
}

test('key, code, secrets and results lie in clear on no disk, and what a sentinel keeps is for its account alone', async () => {
  await using world = await buildWorld();
  using folder = buildHome();
  const { home, code, database } = await buildSite(world, folder.folder);
  const { sentinelId } = readConfig(home);
  const apiKey = new Vault(home).apiKey() ?? '';
  const desk = startDesk(home);
  try {
    await until('runs are there', () => storedRuns(database, sentinelId).length > 1);
    const kept = filesIn(home);
    assert.ok(kept.length > 5, kept.join());
    assert.deepEqual(holding(kept, [apiKey, code, secret]), []);
    // The journal shows its administrator what was sent, results among it; nothing else may.
    const results = kept.filter((file) => !file.includes('journal'));
    assert.deepEqual(holding(results, [seen]), []);
    assert.deepEqual(holding(filesIn(world.context.dataFolder), [apiKey, code, secret]), []);
    if (process.platform !== 'win32') assert.deepEqual(readableByOthers(home), []);
    if (process.getuid?.() === 0) assert.throws(() => asAnother(join(home, 'vault.json')), /Permission denied/);
  } finally {
    await desk.stop();
  }
});

test('of a sentinel and its copy one is parked, keeps its results, and sends them once it is another sentinel', async () => {
  await using world = await buildWorld();
  using folder = buildHome();
  const { customerId, home, database } = await buildSite(world, folder.folder);
  const copied = join(folder.folder, 'copy');
  const { sentinelId } = readConfig(home);
  const stored = (id: string) => storedRuns(database, id).map((run) => run.id);
  const before = startDesk(home); // as an image is made: with a sentinel that has been at work
  await until('it works', () => stored(sentinelId).length > 0);
  await before.stop();
  cpSync(home, copied, { recursive: true });
  const [original, copy] = [startDesk(home), startDesk(copied)];
  try {
    const isParked = (of: string) => status(of).problems.some((problem) => problem.includes('is parked'));
    await until('one of them is parked', () => isParked(home) !== isParked(copied));
    const [first, second, parkedHome] = isParked(copied) ? [original, copy, copied] : [copy, original, home];
    await until('both have done runs', () => Math.min(first.runs().length, second.runs().length) > 2);
    await until('the first has reported', () => first.runs().some((id) => stored(sentinelId).includes(id)));
    const mixed = new Set(second.runs());
    assert.deepEqual(
      stored(sentinelId).filter((id) => mixed.has(id)),
      [],
      'nothing of the parked one is taken',
    );
    const [listed] = await listSentinels(world.context, customerId);
    assert.equal(listed?.state, 'parked');
    await decideMachine(world.context, customerId, sentinelId, listed.machines[0]?.boot ?? '');
    assert.deepEqual(
      (await listSentinels(world.context, customerId))[0]?.machines.map(({ state }) => state),
      ['reporting', 'turnedAway'],
    );

    await second.stop();
    const kept = second.runs().slice(0, -1); // the last may have been under way when it was stopped
    assert.ok((status(parkedHome).spool?.waiting ?? 0) >= kept.length);
    const code = await addEnrolmentCode(world.context, customerId, { location: 'Delft' });
    const wishes = { server: world.server.url, pin: world.context.authority.pins[0] ?? '', code, name: 'Desk 2' };
    const { sentinelId: other } = await enrol({ ...wishes, home: parkedHome, anew: true }, never);
    const again = startDesk(parkedHome);
    try {
      await until('what it kept is there', () => kept.every((id) => stored(other).includes(id)));
    } finally {
      await again.stop();
    }
  } finally {
    await Promise.all([original.stop(), copy.stop()]);
  }
});

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function holding(files: readonly string[], texts: readonly string[]): string[] {
  const found = (file: string) => {
    const content = readFileSync(file);
    return texts.filter((text) => content.includes(text)).map((text) => `${file}: ${text}`);
  };
  return files.flatMap(found);
}

/** What anybody but the owner may read or write, or what belongs to another. */
function readableByOthers(home: string): string[] {
  const all = [home, ...readdirSync(home, { recursive: true, encoding: 'utf8' }).map((name) => join(home, name))];
  return all.filter((path) => {
    const { mode, uid } = lstatSync(path);
    return (mode & 0o077) !== 0 || uid !== process.getuid?.();
  });
}

function asAnother(file: string): string {
  return execFileSync('cat', [file], { uid: 65_534, gid: 65_534, encoding: 'utf8', stdio: 'pipe' });
}
