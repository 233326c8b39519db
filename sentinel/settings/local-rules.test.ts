import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { until } from '../../test/faults/until.ts';
import { buildAssignment } from '../build-assignment.ts';
import { buildHome } from '../build-home.ts';
import { Problems } from '../problems.ts';
import { areNow } from './hours.ts';
import { LocalRules } from './local-rules.ts';
import { removePause, writePause } from './pause.ts';
import { settingsFile, writeSettings } from './settings.ts';

/** Rules that are looked at, as in a running sentinel. */
function buildRules(now: () => number = Date.now, longestMs = 10) {
  const home = buildHome();
  const rules = new LocalRules(home.folder, now);
  const stop = new AbortController();
  const problems = new Problems();
  let changes = 0;
  const onChange = () => {
    changes++;
  };
  const loop = rules.loop(onChange, problems, stop.signal, longestMs);
  return {
    ...{ home: home.folder, rules, problems },
    get changes() {
      return changes;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await loop;
      home[Symbol.dispose]();
    },
  };
}

const assignment = buildAssignment();

function mayRun(rules: LocalRules, now = Date.now()): boolean {
  return rules.mayRun(assignment, now) === undefined;
}

test('a pause ends the runs that are going, holds until it is ended, and is told both times', async () => {
  await using world = buildRules();
  const { going } = world.rules;
  assert.ok(mayRun(world.rules));
  writePause(world.home, { since: Date.now(), reason: 'stocktaking' });
  await until('the pause is seen', () => !mayRun(world.rules));
  assert.deepEqual(
    [going.aborted, going.reason, world.rules.pause?.reason],
    [true, 'paused by its administrator', 'stocktaking'],
  );
  await until('the pause is told', () => world.changes === 1);
  removePause(world.home);
  await until('the end of the pause is seen', () => mayRun(world.rules));
  assert.equal(world.rules.going.aborted, false);
});

test('a pause, its end and other settings are seen as they come, though the files are not looked at', async () => {
  let now = 1_000_000;
  await using world = buildRules(() => now, 1_000_000_000);
  writePause(world.home, { since: now });
  await until('the pause is seen', () => !mayRun(world.rules));
  removePause(world.home);
  await until('the end of the pause is seen', () => mayRun(world.rules));
  writeSettings(world.home, { browserIdleMinutes: 7 });
  await until('the settings are seen', () => world.rules.settings.browserIdleMinutes === 7);
  writePause(world.home, { since: now, until: now + 50 });
  await until('the pause is seen', () => !mayRun(world.rules, now));
  const seen = world.changes;
  now += 50;
  await until('its end is told', () => world.changes > seen);
});

test('a pause with an end is over by itself, and its end is told', async () => {
  let now = 1_000_000;
  await using world = buildRules(() => now);
  writePause(world.home, { since: now, until: now + 60_000 });
  await until('the pause is seen', () => world.changes === 1);
  now += 59_999;
  assert.equal(mayRun(world.rules, now), false);
  now += 1;
  assert.ok(mayRun(world.rules, now));
  await until('the end is told', () => world.changes === 2);
});

test('a pause that is there at the start holds, and one whose file is damaged too', () => {
  using home = buildHome();
  writePause(home.folder, { since: 1 });
  assert.equal(mayRun(new LocalRules(home.folder)), false);
  fs.writeFileSync(`${home.folder}/pause.json`, '{');
  assert.equal(mayRun(new LocalRules(home.folder)), false);
});

test('settings that change hold from then on, and end the runs that are going', async () => {
  await using world = buildRules();
  const { going } = world.rules;
  writeSettings(world.home, { screenshots: 'never' });
  await until('the settings are seen', () => world.rules.settings.screenshots === 'never');
  await until('the change is told', () => world.changes === 1);
  assert.match(String(going.reason), /administrator changed/);
});

test('settings that can not be used let nothing run, and say so; at a start they are refused', async () => {
  await using world = buildRules();
  fs.writeFileSync(settingsFile(world.home), '{"screenshots":"always","shoes":1}');
  await until('no run may begin', () => !mayRun(world.rules));
  await until('it is said', () => world.problems.list().length === 1);
  assert.match(world.problems.list()[0] ?? '', /no run begins: .*screenshots: .*shoes.*Correct or remove the file/);
  assert.throws(() => new LocalRules(world.home), { name: 'SettingsFault' });
  fs.rmSync(settingsFile(world.home));
  await until('runs may begin', () => mayRun(world.rules));
});

test('files that can not be read, as when another user wrote them, let nothing run either', async () => {
  await using world = buildRules();
  fs.mkdirSync(settingsFile(world.home));
  await until('no run may begin', () => !mayRun(world.rules));
  await until('it is said', () => /no run begins: cannot read .*settings\.json/.test(world.problems.list().join()));
  fs.rmdirSync(settingsFile(world.home));
  await until('runs may begin', () => mayRun(world.rules));
  fs.mkdirSync(`${world.home}/pause.json`);
  await until('it is paused', () => !mayRun(world.rules));
});

test('outside its hours no run begins, overnight hours and a clock change included', () => {
  const zone = 'Europe/Amsterdam';
  const cases: [string, string, boolean][] = [
    ['mon-fri 08:00-18:00', '2026-11-20T08:00', true],
    ['mon-fri 08:00-18:00', '2026-11-20T07:59', false],
    ['mon-fri 08:00-18:00', '2026-11-20T18:00', false],
    ['mon-fri 08:00-18:00', '2026-11-21T12:00', false],
    ['fri 22:00-06:00', '2026-11-21T05:59', true],
    ['fri 22:00-06:00', '2026-11-20T05:59', false],
    ['sun 04:00-05:00', '2026-10-25T04:30', true],
    ['sun 04:00-05:00', '2026-10-25T03:30', false],
  ];
  for (const [hours, time, may] of cases) {
    const now = Temporal.PlainDateTime.from(time).toZonedDateTime(zone).epochMilliseconds;
    assert.equal(areNow(hours, now, zone), may, `${time} in ${hours}`);
  }
  assert.ok(areNow(undefined, 0));
});
