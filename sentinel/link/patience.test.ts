import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from './patience.ts';

test('a wait that is borne makes the next one longer, up to what the server grants', () => {
  const patience = new Patience();
  const waits = [1, 2, 3, 4].map(() => {
    const { waitS } = patience;
    patience.saw('unchanged', waitS + 0.4);
    return waitS;
  });
  assert.deepEqual(waits, [28, 56, 112, 112]);
});

test('an answer before its time says nothing: news, or a server that stops or keeps nothing open', () => {
  const patience = new Patience();
  patience.saw('done', 30);
  patience.saw('unchanged', 3);
  patience.saw('none', 0.1); // nobody answers
  assert.equal(patience.waitS, 28);
});

test('where something cuts waits off a shorter one is asked for, and a longer one ever more seldom', () => {
  const patience = new Patience();
  const waits: number[] = [];
  for (let i = 0; i < 200; i++) {
    waits.push(patience.waitS);
    if (patience.waitS > 30) patience.saw('none', 30);
    else patience.saw('unchanged', patience.waitS + 0.2);
  }
  const tries = waits.flatMap((waitS, i) => (waitS > 30 ? [i] : []));
  assert.deepEqual(tries, [1, 6, 23, 88]);
  for (let i = 0; i < 10; i++) patience.saw('later', 6); // a proxy that says 504
  assert.equal(patience.waitS, 5);
});

test('a server that died now and then costs no more than a few short waits each time', () => {
  const patience = new Patience();
  const wait = (times: number) => {
    for (let i = 0; i < times; i++) patience.saw('unchanged', patience.waitS);
  };
  for (let death = 0; death < 20; death++) {
    wait(30);
    assert.equal(patience.waitS, 112);
    patience.saw('none', 20);
  }
});
