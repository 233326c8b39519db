import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { readConfig } from '../../sentinel/config.ts';
import { sentOf } from '../../sentinel/journal/build-journal.ts';
import type { Order } from '../apps/shop/truth.ts';
import { buildInstallation, type Installation } from './installation.ts';
import { assertCountedOnce, assertWhole, isRolledUp, type StoredRun, storedRuns } from './ledger.ts';
import { processesNaming } from './processes.ts';
import type { Program } from './program.ts';
import { answered, momentInFlight, Reporter } from './reporter.ts';
import { until } from './until.ts';

/*
 * Server and sentinel are killed with SIGKILL over and over, each time in the midst of its work, and started again on
 * what they left. What is compared afterwards:
 *
 * - The shop's orders with the customer's database. Each order bears a reference of its own, and so does the transaction
 *   of the run that placed it. An order has one run, a run that passed has one order. An order may lack its run only if
 *   it was the last one before its sentinel was ended: then the sentinel was ended between the order and the spool. Such a
 *   run had not been confirmed by anybody; it is a gap, and coverage shows it as one. It is never run a second time.
 * - The spool with the customer's database. The spool counts what it has ever confirmed, in the commit that stores it.
 *   The database has as many runs of that sentinel; ids are unique in both, and every id that was ever sent is among them.
 * - The rollups with the rows they are made of.
 */

const rounds = Number(process.env.VEDETTE_KILLS ?? (process.env.VEDETTE_LONG === '1' ? 20 : 2));
/** So often the sentinel is told to end, by SIGTERM, in the midst of its work; it ends with 1 if that takes more than 5 s. */
const stops = process.env.VEDETTE_LONG === '1' ? 50 : 1;

// At the same time, since much of theirs is waiting.
describe('killed in the midst of work', { concurrency: true }, () => {
  test('a server killed while it takes runs in has each of them once when it is back', async (t) => {
    await using site = await buildInstallation();
    let server = await site.startServer();
    const home = await site.enrolSentinel('desk');
    await using stack = new AsyncDisposableStack();
    const reporters: Reporter[] = [];
    for (const name of ['thin-client-1', 'thin-client-2', 'thin-client-3']) {
      reporters.push(stack.use(new Reporter(await site.enrolSentinel(name))));
    }
    const sentinel = await site.startSentinel(home);
    for (const reporter of reporters) reporter.begin(site.monitorId);

    for (let round = 0; round < rounds; round++) {
      const before = answered(reporters);
      await until('the server takes runs in', () => {
        server.mustRun();
        return answered(reporters) > before + 3;
      });
      await momentInFlight(reporters);
      await server.kill();
      server = await site.startServer();
    }
    await nextOrder(site, home, sentinel);
    await somePassed(site, home, sentinel);

    await Promise.all(reporters.map((reporter) => reporter.end()));
    await sentinel.stop();
    await compareWithShop(site, home, [lastOrder(site)]);
    for (const { sentinelId, spooled, spool } of reporters) {
      assert.equal(spool.depth().rejected, 0);
      const stored = storedRuns(site.database, sentinelId);
      assert.deepEqual(stored.map((run) => run.id).sort(), [...spooled].sort());
      assert.ok(stored.every((run) => run.transactions.join() === 'Login'));
    }
    await compareRollups(site, server);
    const repeats = reporters.reduce((sum, { link }) => sum + link.repeats, 0);
    const runs = reporters.reduce((sum, { spooled }) => sum + spooled.size, 0);
    t.diagnostic(`${rounds} kills, ${runs} runs, ${repeats} of them stored but not acknowledged when it was killed`);
  });

  test('a sentinel killed or told to end while it runs scripts loses nothing that was spooled and repeats nothing', async () => {
    await using site = await buildInstallation();
    const server = await site.startServer();
    const home = await site.enrolSentinel('desk');
    const cut: (Order | undefined)[] = [];
    for (let round = 0; round < rounds + stops - 1; round++) {
      const sentinel = await site.startSentinel(home);
      await nextOrder(site, home, sentinel);
      // Most kills come soon after an order, when its run is ended, stored and sent; some in the midst of the next one.
      await wait(Math.random() ** 2 * 2000);
      await (round < rounds ? sentinel.kill() : sentinel.stop());
      await until('what it had started has ended too', () => processesNaming(home).length === 0);
      cut.push(lastOrder(site));
    }
    const sentinel = await site.startSentinel(home);
    await nextOrder(site, home, sentinel);
    await somePassed(site, home, sentinel);
    await sentinel.stop();
    await compareWithShop(site, home, [...cut, lastOrder(site)]);
    await compareRollups(site, server);
  });
});

/** Waits until the shop has taken one more order: the sentinel's runs go through. */
async function nextOrder({ shop, database }: Installation, home: string, sentinel: Program): Promise<void> {
  const before = shop.truth().checkoutsFinished;
  const ordered = () => {
    sentinel.mustRun();
    return shop.truth().checkoutsFinished > before;
  };
  const tell = () => {
    const ends = storedRuns(database, readConfig(home).sentinelId).map(({ outcome, why }) => `${outcome} ${why}`);
    return `It said: ${sentinel.lastWords()}\nIts latest runs: ${ends.slice(-3).join('\n')}`;
  };
  await until('the sentinel has placed an order', ordered, { tell });
}

/** Waits until the server has a run that passed: on a busy machine few kills leave no time for one. */
async function somePassed({ database }: Installation, home: string, sentinel: Program): Promise<void> {
  const { sentinelId } = readConfig(home);
  await until('a run has passed', () => {
    sentinel.mustRun();
    return storedRuns(database, sentinelId).some((run) => run.outcome === 'passed');
  });
}

function lastOrder({ shop }: Installation): Order | undefined {
  return shop.truth().orders.at(-1);
}

/** `cut`: the last order before each end of the sentinel. The sentinel must have ended and the server run. */
async function compareWithShop(site: Installation, home: string, cut: readonly (Order | undefined)[]): Promise<void> {
  await using rest = new Reporter(home);
  await rest.drain(); // what was stored last and not sent before the end
  const { stored, acknowledged, waiting, rejected, dropped, damaged } = rest.spool.depth();
  assert.deepEqual({ waiting, rejected, dropped, damaged }, { waiting: 0, rejected: 0, dropped: 0, damaged: 0 });
  assert.deepEqual(globSync('*.damaged*', { cwd: home }), []);

  const runs = storedRuns(site.database, rest.sentinelId);
  assert.deepEqual([runs.length, acknowledged], [stored, stored]);
  assert.deepEqual(sentIds(home).difference(new Set(runs.map((run) => run.id))), new Set());
  assert.equal(new Set(runs.map((run) => run.dueAt)).size, runs.length, 'a time of the schedule was run twice');

  const { orders } = site.shop.truth();
  const lacking = orders.filter((order) => runsOf(order, runs).length !== 1);
  assert.deepEqual(
    lacking.filter((order) => runsOf(order, runs).length > 0 || !cut.some((last) => last?.number === order.number)),
    [],
  );
  const passed = runs.filter((run) => run.outcome === 'passed');
  for (const run of passed) assert.equal(orders.filter((order) => runsOf(order, [run]).length > 0).length, 1);
  assert.ok(passed.length > 0);
}

function runsOf({ reference }: Order, runs: readonly StoredRun[]): StoredRun[] {
  return runs.filter((run) => run.transactions.includes(`Order ${reference}`));
}

/** Ids of all runs in the messages that a sentinel wrote into its journal before it sent them. */
function sentIds(home: string): Set<string> {
  return new Set(sentOf(home).flatMap(({ kind, runs }) => (kind === 'runs' ? runs : [])));
}

/** Waits for the server to have rolled everything up by itself, stops it, and counts. */
async function compareRollups({ database }: Installation, server: Program): Promise<void> {
  await until('the server has rolled up every hour', () => {
    server.mustRun();
    return isRolledUp(database);
  });
  await server.stop();
  assertWhole(database);
  assertCountedOnce(database);
}
