import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildAssignment, bundle } from '../build-assignment.ts';
import { buildFile } from '../build-run.ts';
import { FakeRunner } from '../build-runner.ts';
import { Run, ScriptStatement } from '../protocol/messages.ts';
import { newRunId } from '../protocol/run-id.ts';
import type { RunRequest } from '../runner/runner.ts';
import { runOnce } from './run-once.ts';

const assignment = buildAssignment();
const due = { assignment, dueAt: 1_700_000_000_000 };

function buildRequest(): RunRequest {
  const { monitorId, use, variables, timeoutMs, maskSelectors, evidence, script } = assignment;
  const statement = ScriptStatement.parse(JSON.parse(script.statement));
  const id = newRunId(Date.now());
  return {
    id,
    monitorId,
    dueAt: due.dueAt,
    statement,
    bundle,
    use,
    variables,
    secrets: {},
    hosts: [],
    timeoutMs,
    maskSelectors,
    evidence,
  };
}

test('what the runner brings is the result', async () => {
  const files = [buildFile()];
  const request = buildRequest();
  const result = await runOnce(new FakeRunner(async () => ({ files })), due, request, new AbortController().signal);
  assert.deepEqual([result.run.id, result.run.outcome, result.files], [request.id, 'passed', files]);
});

test('a runner that breaks makes an errored run, never a lost or a failed one', async () => {
  const runner = new FakeRunner(() => Promise.reject(new Error('the pipe is gone')));
  const { run } = await runOnce(runner, due, buildRequest(), new AbortController().signal);
  assert.deepEqual([run.outcome, run.error?.code], ['errored', 'SENTINEL_BROWSER']);
  assert.match(run.error?.message ?? '', /the pipe is gone/);
  assert.ok(Run.safeParse(run).success);
});

test('a clock that is set while the run goes moves its start along', async () => {
  const [start, hour] = [1_700_000_000_000, 3_600_000];
  for (const setMs of [hour, -hour, 0]) {
    const clocks = { now: () => at.now, uptime: () => at.uptime };
    const at = { now: start, uptime: 0 };
    const runner = new FakeRunner(async () => {
      at.now += 7000 + setMs;
      at.uptime += 7000;
      return { run: { startedAt: start } as Run };
    });
    const { run } = await runOnce(runner, due, buildRequest(), new AbortController().signal, clocks);
    assert.equal(run.startedAt, start + setMs);
  }
});

test('a run that is not over when the sentinel stops is skipped, and blames nobody', async () => {
  const stop = new AbortController();
  const heeding = new FakeRunner(async (_, signal) => {
    setImmediate(() => stop.abort());
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return { run: { outcome: 'failed' } as Run };
  });
  const request = buildRequest();
  const { run } = await runOnce(heeding, due, request, stop.signal);
  assert.deepEqual([run.id, run.outcome, run.reason], [request.id, 'skipped', 'the sentinel was stopped']);
  assert.ok(Run.safeParse(run).success);
});

test('a runner that does not heed the stop is not waited for', async () => {
  const stop = new AbortController();
  stop.abort();
  const deaf = new FakeRunner(() => new Promise(() => {}));
  const { run } = await runOnce(deaf, due, buildRequest(), stop.signal);
  assert.equal(run.outcome, 'skipped');
});
