import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FakeRunner } from '../../sentinel/build-runner.ts';
import { readConfig } from '../../sentinel/config.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { runSentinel } from '../../sentinel/main.ts';
import { repin } from '../../sentinel/repin.ts';
import { status } from '../../sentinel/status.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { addMonitor } from '../../server/assignments/monitors.ts';
import { publish } from '../../server/assignments/publish.ts';
import { rotate, rotation } from '../../server/certificates/rotation.ts';
import { serverConfig } from '../../server/config.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { openContext } from '../../server/http/context.ts';
import { type RunningServer, startServer } from '../../server/main.ts';
import { storedRuns } from './ledger.ts';
import { until } from './until.ts';

/*
 * The server's keys change twice, on real server and sentinels (only what would run scripts is not real). Some sentinels
 * are there throughout, some are away during one change, some during both.
 */

const long = process.env.VEDETTE_LONG === '1';
/** How many are there throughout, and how many are away for one change, and for both. */
const [count, gone] = long ? [40, 5] : [2, 1];
const everyMs = long ? 30_000 : 1000;
/** Many who look often keep the one they look at from its work. */
const look = { everyMs: long ? 1000 : 50, limitMs: long ? 300_000 : 90_000 };

test('keys change twice: nothing is lost, who was away for one change follows, who was away for both is told how', async () => {
  await using site = await buildSite();
  const [there, away, asleep] = [await site.enrolled(count), await site.enrolled(gone), await site.enrolled(gone)];
  await allRun([...there, ...away, ...asleep]);
  await site.allKnow(0);
  for (const one of [...away, ...asleep]) await one.stop();

  await site.rotate('switch');
  await site.allKnow(2 * gone);
  await assert.rejects(
    site.rotate('retire'),
    new RegExp(`^Refused: ${2 * gone} sentinels have not said .*\\(desk-${count + 1} of Acme, desk-`),
  );
  await site.restartServer(); // in the middle of it
  await allRun(away);
  await site.allKnow(gone);
  await site.rotate('retire', { force: true });
  await site.allKnow(gone);
  await site.rotate('switch', { force: true });
  await site.allKnow(gone);
  await site.rotate('retire', { force: true });

  for (const slept of asleep) {
    slept.start();
    await until('it is told', () =>
      status(slept.home).problems.some((p) => p.includes('vedette-sentinel repin --pin')),
    );
    const before = readConfig(slept.home);
    await slept.stop();
    await repin(slept.home, site.server.context.authority.pins[0] ?? '');
    assert.equal(readConfig(slept.home).sentinelId, before.sentinelId);
  }
  await allRun([...there, ...away, ...asleep]);
  await site.allKnow(0);
  for (const one of [...there, ...away, ...asleep]) {
    await one.stop();
    // What the spool has ever confirmed is in the database, or waits still; a last one may be both, its answer cut off.
    const { spool } = status(one.home);
    const stored = new Set(site.stored(one.home));
    const { stored: confirmed = 0, acknowledged = 0, waiting = 0 } = spool ?? {};
    assert.equal(acknowledged + waiting, confirmed);
    assert.ok(acknowledged <= stored.size && stored.size <= confirmed, `${acknowledged} ${stored.size} ${confirmed}`);
    assert.deepEqual([spool?.dropped, spool?.rejected], [0, 0]);
    assert.ok(one.done().filter((id) => !stored.has(id)).length <= waiting, 'no run was lost before');
  }
});

/** A few at a time: all that start are in this one process, and wait for each other's disk. */
async function allRun(desks: readonly Desk[]): Promise<void> {
  for (let i = 0; i < desks.length; i += 5) await Promise.all(desks.slice(i, i + 5).map((desk) => desk.run(1)));
}

async function buildSite() {
  await using made = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-rotation-'));
  made.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const config = (port: number) => serverConfig({ dataFolder: join(folder, 'server'), port, logLevel: 'silent' }, {});
  let server: RunningServer = await startServer(config(0));
  made.defer(() => server.close());
  const { id: customerId } = await addCustomer(server.context, 'Acme');
  await publish(server.context, customerId, {
    script: { file: join(import.meta.dirname, 'order.spec.ts') },
    author: 'test',
    hosts: ['127.0.0.1'],
  });
  await addMonitor(server.context, customerId, { name: 'Shop', script: 'order.spec.ts', everyMs, use: {} });
  const code = await addEnrolmentCode(server.context, customerId, { location: 'Utrecht', uses: 1000 });
  let desks = 0;
  const database = join(folder, 'server', 'customers', customerId, 'live.sqlite');

  const enrolled = async (howMany: number) => {
    const found: Desk[] = [];
    for (let i = 0; i < howMany; i++) {
      const name = `desk-${++desks}`;
      const wishes = { server: server.url, pin: server.context.authority.pins[0] ?? '', code, name };
      const home = join(folder, name);
      await enrol({ ...wishes, home }, new AbortController().signal);
      found.push(open.use(new Desk(home, database)));
    }
    return found;
  };
  const open = made.use(new AsyncDisposableStack());
  const whole = made.move();
  return {
    get server() {
      return server;
    },
    enrolled,
    stored: (home: string) => storedRuns(database, readConfig(home).sentinelId).map((run) => run.id),
    /** As the command line does it: beside the running server, which is to notice by itself. */
    async rotate(step: string, { force = false } = {}): Promise<void> {
      await using beside = await openContext(config(0));
      assert.equal(await rotate(beside, { force }), step);
      const pins = beside.authority.pins.join();
      await until('the server has noticed', () => server.context.authority.pins.join() === pins);
    },
    /** Waits until all sentinels but `others` have said that they have the present pins. */
    async allKnow(others: number): Promise<void> {
      const holds = async () => (await rotation(server.context)).unready.length === others;
      await until(`all but ${others} know the present pins`, holds, look);
    },
    async restartServer(): Promise<void> {
      const { port } = server;
      await server.close();
      server = await startServer(config(port));
    },
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}

/** A sentinel whose scripts all pass at once. */
class Desk implements AsyncDisposable {
  readonly home: string;
  readonly #database: string;
  readonly #runners: FakeRunner[] = [];
  #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(home: string, database: string) {
    this.home = home;
    this.#database = database;
  }

  done(): string[] {
    return this.#runners.flatMap((runner) => runner.requests.map(({ id }) => id));
  }

  start(): void {
    if (this.#running) return;
    const runner = new FakeRunner();
    this.#runners.push(runner);
    this.#stop = new AbortController();
    const settings = {
      home: this.home,
      openRunner: async () => runner,
      allowRoot: true,
      log: () => {},
      concurrency: 1,
    };
    this.#running = runSentinel(settings, this.#stop.signal);
  }

  /** Works until the server has `more` runs than before. */
  async run(more: number): Promise<void> {
    this.start();
    const { sentinelId } = readConfig(this.home);
    const had = storedRuns(this.#database, sentinelId).length;
    await until('its runs are stored', () => storedRuns(this.#database, sentinelId).length >= had + more, look);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#running = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
