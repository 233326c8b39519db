import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import { testDatabase } from '../../db/test-database.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { serverConfig } from '../../server/config.ts';
import { dropDatabase } from '../../server/databases/customer-database.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { openContext } from '../../server/http/context.ts';
import { type MariaDb, mariaDb } from '../mariadb.ts';
import { freePort } from './installation.ts';
import { rollupsPerHour, rowsPerHour } from './ledger.ts';
import { type Program, startProgram } from './program.ts';
import { answered, momentInFlight, Reporter } from './reporter.ts';
import { until } from './until.ts';

/*
 * Two server processes on one MariaDB take runs in, and one of the two, whichever, is killed with SIGKILL over and over.
 * Afterwards every run is there once, and the rollups, which the holder of the lease makes, equal the rows.
 */

const isLong = process.env.VEDETTE_LONG === '1';
const kills = isLong ? 20 : 2;

let mariadb: MariaDb;
before(async () => {
  mariadb = await mariaDb();
  process.env.VEDETTE_TEST_DATABASE = mariadb.url;
});
after(() => mariadb.close());

test('of two servers on one MariaDB one is killed at random: every run is there once, the rollups equal the rows', async (t) => {
  await using site = await buildTwins();
  const { twins, reporters } = site;
  for (let round = 0; round < kills; round++) {
    await bothTakeRunsIn(site);
    await momentInFlight(reporters);
    const victim = twins[Math.random() < 0.5 ? 0 : 1];
    await victim?.program?.kill();
    await victim?.start();
  }
  await bothTakeRunsIn(site);
  await Promise.all(reporters.map((reporter) => reporter.end()));
  await assertCountedOnce(site);
  t.diagnostic(`${kills} kills, ${(await site.lease()).fence} holders of the lease`);
});

if (isLong) {
  test('a server that is halted for longer than its lease, and wakes, does no harm', async () => {
    await using site = await buildTwins();
    for (let round = 0; round < 3; round++) {
      const before = await site.lease();
      for (const { program } of site.twins) {
        process.kill(program?.pid ?? 0, 'SIGSTOP');
        // Either the other one goes on renewing it, or takes it over.
        let changes = 0;
        let last = (await site.lease()).expires_at;
        await until('the other one holds the lease', async () => {
          const { expires_at } = await site.lease();
          if (expires_at !== last) changes++;
          last = expires_at;
          return changes >= 4;
        });
        process.kill(program?.pid ?? 0, 'SIGCONT');
      }
      assert.ok((await site.lease()).fence > before.fence);
    }
    await Promise.all(site.reporters.map((reporter) => reporter.end()));
    await assertCountedOnce(site);
  });
}

interface Twin {
  port: number;
  program: Program | undefined;
  start(): Promise<void>;
}

type Site = Awaited<ReturnType<typeof buildTwins>>;

/** Two servers with one data folder and one registry on MariaDB, a customer, and two sentinels that report to each. */
async function buildTwins() {
  await using made = new AsyncDisposableStack();
  const place = made.use(await testDatabase());
  const folder = mkdtempSync(join(tmpdir(), 'vedette-twins-'));
  made.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const config = serverConfig({ dataFolder: place.folder, databaseUrl: place.url, logLevel: 'silent' }, {});
  const server = made.use(await openContext(config));
  const { id } = await addCustomer(server, 'Aurora', { timeZone: 'UTC' });
  const row = await server.registry('customers').where({ id }).first();
  made.defer(() => dropDatabase(server, row));
  const { id: monitorId } = await server.customers.use(id, (db) => buildMonitor(db));
  const code = await addEnrolmentCode(server, id, { location: 'Utrecht', uses: 10 });

  const twins = await Promise.all([buildTwin('a'), buildTwin('b')]);
  const reporters: Reporter[] = [];
  for (const [i, { port }] of [...twins, ...twins].entries()) {
    const home = join(folder, `desk-${i}`);
    const asked = { server: `https://127.0.0.1:${port}`, pin: server.authority.pins[0] ?? '', code, name: `desk ${i}` };
    await enrol({ ...asked, home }, new AbortController().signal);
    const reporter = made.use(new Reporter(home));
    reporter.begin(monitorId);
    reporters.push(reporter);
  }
  const whole = made.move();
  return {
    twins,
    reporters,
    lease: async () => (await server.registry('leases').first()) as { fence: number; expires_at: number },
    inDatabase: <T>(work: (db: Parameters<Parameters<typeof server.customers.use>[1]>[0]) => Promise<T>) =>
      server.customers.use(id, work),
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };

  async function buildTwin(name: string): Promise<Twin> {
    const own = join(folder, name);
    mkdirSync(own);
    const twin: Twin = { port: await freePort(), program: undefined, start };
    const command = ['server/cli.ts', 'run', '--data', place.folder, '--port', `${twin.port}`, '--log-level', 'warn'];
    async function start() {
      const env = { VEDETTE_DATABASE_URL: place.url ?? '', TMPDIR: own };
      twin.program = await startProgram({ command, folder: own, env });
    }
    made.defer(async () => void (await twin.program?.kill()));
    await start();
    return twin;
  }
}

async function bothTakeRunsIn({ twins, reporters }: Site): Promise<void> {
  const before = reporters.map((reporter) => answered([reporter]));
  await until('both servers take runs in', () => {
    for (const { program } of twins) program?.mustRun();
    return reporters.every((reporter, i) => answered([reporter]) > (before[i] ?? 0));
  });
}

async function assertCountedOnce({ twins, reporters, inDatabase }: Site): Promise<void> {
  await until('every hour is rolled up', () => {
    for (const { program } of twins) program?.mustRun();
    return inDatabase(async (db) => (await db('dirty_hours').first()) === undefined);
  });
  for (const { sentinelId, spooled, spool } of reporters) {
    assert.equal(spool.depth().rejected, 0);
    const ids: Uint8Array[] = await inDatabase((db) => db('runs').where({ sentinel_id: sentinelId }).pluck('id'));
    assert.deepEqual(ids.map(runIdOf).sort(), [...spooled].sort());
  }
  const [counts, rows] = await inDatabase(async (db) => [await db.raw(rollupsPerHour), await db.raw(rowsPerHour)]);
  assert.ok(rows[0].length > 0);
  assert.deepEqual(counts[0], rows[0]);
}
