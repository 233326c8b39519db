import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildHome } from '../build-home.ts';
import { Problems } from '../problems.ts';
import { outletOf } from '../settings/outlet.ts';
import { Journal } from './journal.ts';
import { MessageLog } from './message-log.ts';

const MiB = 1024 * 1024;

test('what can not be written down is told, counts towards the limit of the day, and is taken back like all else', () => {
  using home = buildHome();
  using journal = new Journal(home.folder);
  let isFull = false;
  const full = () => {
    throw new Error('database or disk is full');
  };
  const problems = new Problems();
  const log = new MessageLog(
    {
      add: (message) => (isFull ? full() : journal.add(message)),
      takeBack: (id) => journal.takeBack(id),
      count: (call, by) => journal.count(call, by),
      sentToday: (now) => journal.sentToday(now),
    },
    problems,
  );
  const send = () => log.add({ call: 'POST /runs', mediaType: 'application/json', content: 'x'.repeat(MiB), runs: [] });
  const outlet = outletOf(
    () => ({ mibPerDay: 4 }),
    () => log.today(),
  );
  send();
  isFull = true;
  const first = send();
  const second = send();
  assert.match(problems.list().join(), /can't be written down: database or disk is full/);
  assert.deepEqual([log.today(), outlet.roomForFile({}), outlet.roomForRuns()], [3 * MiB, 0, MiB]);
  assert.equal(problems.list().length, 1, 'to look is not to write');
  for (const id of [first, second]) log.takeBack(id);
  isFull = false;
  log.takeBack(send());
  assert.deepEqual([log.today(), problems.list()], [MiB, []]);
});

test('while nothing can be counted a limit of the day holds evidence back, and no limit nothing', () => {
  let limit: { mibPerDay?: number } = { mibPerDay: 4 };
  const outlet = outletOf(
    () => limit,
    () => undefined,
  );
  assert.deepEqual([outlet.roomForFile({}), outlet.roomForRuns()], [0, Number.POSITIVE_INFINITY]);
  limit = {};
  assert.equal(outlet.roomForFile({}), Number.POSITIVE_INFINITY);
});

test('a journal that can not be read tells no count', () => {
  using home = buildHome();
  const journal = new Journal(home.folder);
  journal[Symbol.dispose]();
  assert.equal(new MessageLog(journal, new Problems()).today(), undefined);
});
