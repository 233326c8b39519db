import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdleProcessors, windowMs } from './idle-processors.ts';

/** A device with four processors, of which `busy` are in use from one look to the next. */
function buildDevice() {
  const times = { idle: 0, all: 0 };
  let now = 0;
  const idle = new IdleProcessors(() => ({ ...times }), 4);
  return {
    idle,
    pass(ms: number, busy: number) {
      now += ms;
      times.all += ms * 4;
      times.idle += ms * (4 - busy);
      return idle.at(now);
    },
    begin: () => idle.begun(now),
  };
}

test('what was idle over the last half second counts; nothing does before that is known', () => {
  const { pass } = buildDevice();
  assert.equal(pass(0, 0), 0);
  assert.equal(pass(windowMs - 1, 1), 0);
  assert.equal(pass(1, 1), 3);
  assert.equal(pass(windowMs, 3.5), 0);
  assert.equal(pass(windowMs, 0), 4);
});

test('a look that lies further back says nothing of now', () => {
  const { pass } = buildDevice();
  pass(0, 0);
  assert.equal(pass(windowMs, 0), 4);
  assert.equal(pass(60_000, 0), 0);
  assert.equal(pass(windowMs, 0), 4);
});

test('a run that has just begun takes its processor before it shows in any look', () => {
  const { pass, begin } = buildDevice();
  pass(0, 0);
  assert.equal(pass(windowMs, 2), 2);
  begin();
  assert.equal(pass(1, 2), 1);
  begin();
  assert.equal(pass(windowMs - 1, 3), 0, 'the window begins with the run');
  assert.equal(pass(1, 3), 1);
});
