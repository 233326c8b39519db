import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildAssignment, bundle, customerId, scriptKey } from '../build-assignment.ts';
import { FakeRunner } from '../build-runner.ts';
import { type Outcome, Run } from '../protocol/messages.ts';
import { newRunId } from '../protocol/run-id.ts';
import type { RunRequest } from '../runner/runner.ts';
import { trustScript } from '../script-trust.ts';
import { prepare } from './prepare.ts';
import { runConfirmed } from './run-confirmed.ts';

/** Runs a monitor whose runs come to `outcomes`, one after the other; what was kept, and what the runner had done by then. */
async function run(outcomes: Outcome[], { confirmFailures = true, keeps = true, stopAfter = 9 } = {}) {
  const due = { assignment: buildAssignment({ confirmFailures }), dueAt: 1_700_000_000_000 };
  const stop = new AbortController();
  const error = { code: 'TIMEOUT', message: 'slow' } as const;
  const runner: FakeRunner = new FakeRunner(async () => {
    const outcome = outcomes[runner.requests.length - 1] ?? 'passed';
    return { run: { outcome, ...(outcome === 'passed' ? {} : { error }) } as Run };
  });
  const kept: { run: Run; begunBefore: number }[] = [];
  const keep = async ({ run }: { run: Run }) => {
    if (keeps) kept.push({ run: Run.parse(run), begunBefore: runner.requests.length });
    if (kept.length === stopAfter) stop.abort();
    return keeps;
  };
  await runConfirmed(runner, due, requestOf(due), keep, stop.signal);
  return { kept, begun: runner.requests.length, due };
}

function requestOf(due: { assignment: ReturnType<typeof buildAssignment>; dueAt: number }): RunRequest {
  const prepared = prepare(due, newRunId(Date.now()), {
    trusted: trustScript(due.assignment, { keys: [scriptKey], customerId, highestVersion: () => 0 }),
    bundle: () => ({ state: 'here', code: bundle }),
    secret: () => undefined,
    sandboxLevel: 3,
  });
  assert.ok(prepared.kind === 'ready');
  return prepared.request;
}

for (const second of ['passed', 'failed', 'errored'] as const) {
  test(`a failed run is done once more; it is kept before that, and the second, ${second}, names it`, async () => {
    const { kept, begun, due } = await run(['failed', second, 'passed']);
    const [first, again] = kept;
    assert.equal(begun, 2);
    assert.deepEqual([first?.run.outcome, again?.run.outcome], ['failed', second]);
    assert.equal(first?.begunBefore, 1, 'the first was kept before the second began');
    assert.equal(first?.run.retriedBy, again?.run.id);
    assert.equal(again?.run.retryOf, first?.run.id);
    assert.deepEqual([first?.run.dueAt, again?.run.dueAt], [due.dueAt, due.dueAt]);
    assert.deepEqual([first?.run.retryOf, again?.run.retriedBy], [undefined, undefined]);
    assert.notEqual(first?.run.id, again?.run.id);
  });
}

for (const outcome of ['passed', 'errored', 'skipped'] as const) {
  test(`a run that is ${outcome} is not done again`, async () => {
    const { kept, begun } = await run([outcome]);
    assert.deepEqual([kept.length, begun, kept[0]?.run.retriedBy], [1, 1, undefined]);
  });
}

test('without the wish for it nothing is done again', async () => {
  const { kept, begun } = await run(['failed'], { confirmFailures: false });
  assert.deepEqual([kept.length, begun, kept[0]?.run.retriedBy], [1, 1, undefined]);
});

test('when the first can not be kept, or the sentinel stops meanwhile, there is no second', async () => {
  assert.equal((await run(['failed'], { keeps: false })).begun, 1);
  assert.equal((await run(['failed'], { stopAfter: 1 })).begun, 1);
});
