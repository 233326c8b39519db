import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseTimes } from '../reports/response-times.ts';
import { type ArchiveWorld, buildArchive, january, present } from './build-archive.ts';
import { runArchive } from './run-archive.ts';

const isLong = process.env.VEDETTE_LONG !== undefined;
/** Questions at each step of a move, of which there are 12 for each month and each supplement. */
const atEachStep = isLong ? 45 : 3;
const [hourMs, dayMs] = [3_600_000, 86_400_000];

/** Days on both sides of the line between what is in the archive and what is not. */
function anyPeriod(): { from: number; to: number } {
  const from = january.to - Math.ceil(Math.random() * 20) * dayMs - Math.floor(Math.random() * 24) * hourMs;
  return { from, to: january.to + Math.ceil(Math.random() * 20) * dayMs };
}

async function countedIn({ use, monitorId }: ArchiveWorld, period: { from: number; to: number }): Promise<number> {
  const { runs } = await use((db) => responseTimes(db, monitorId, period, 'hour', period.to));
  return runs.reduce((sum, { passed, failed, errored }) => sum + passed + failed + errored, 0);
}

test('figures across the line of the archive are at every moment of a move what was sent, late runs too', async () => {
  await using world = await buildArchive();
  const sent: number[] = [];
  const send = async (at: number, now?: number) => {
    const [run] = await world.send([at], now);
    if (run) sent.push(run.startedAt);
  };
  const every = (isLong ? 1 : 9) * hourMs;
  const start = january.to - 20 * dayMs;
  const times = Array.from({ length: Math.floor((40 * dayMs) / every) }, (_, i) => start + i * every + 17);
  sent.push(...(await world.send([...times, present - hourMs])).map((run) => run.startedAt));
  let asked = 0;
  const under: Promise<void>[] = [];
  const ask = () => {
    const period = anyPeriod();
    const expected = sent.filter((at) => at >= period.from && at < period.to).length;
    asked += 1;
    under.push(countedIn(world, period).then((counted) => assert.equal(counted, expected, JSON.stringify(period))));
  };
  const onStep = async () => {
    await Promise.all(under.splice(0)); // asked before the step that has just been taken, answered meanwhile
    if (Math.random() < 0.3) await send(january.to - Math.floor(Math.random() * 19 * dayMs), present);
    for (let question = 0; question < atEachStep; question++) ask();
  };
  for (let turn = 0; turn < 3; turn++) await runArchive(world.server, world.customer.id, { onStep });
  await Promise.all(under);
  assert.ok(asked >= 24 * atEachStep);
});
