import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildRunner, runBundle } from '../run-script.ts';

/* What children begin with was made by another process: nothing of that one's state may show in a run. */

test('the first timer of a script goes off when it is due, however short or long', async () => {
  await using runner = await buildRunner();
  for (const ms of [1, 400, 3000]) {
    const code = `require('@playwright/test').test('waits', () => new Promise((done) => setTimeout(done, ${ms})));`;
    const { run } = await runBundle(runner, code, { url: 'http://127.0.0.1:1', timeoutMs: 30_000 });
    assert.equal(run.outcome, 'passed', `${ms} ms: ${run.error?.message}`);
  }
});
