import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { z } from 'zod';
import {
  Assignments,
  apiPrefix,
  EnrolmentAnswer,
  EnrolmentRequest,
  Heartbeat,
  HeartbeatAnswer,
  Problem,
  Run,
  RunBatch,
  RunBatchAnswer,
} from '../sentinel/protocol/messages.ts';
import { buildWorld } from '../server/build-world.ts';

/*
 * What each version sent and was answered, one folder each. Sentinels of a version live on for years, so a file is never
 * changed: whoever changes the protocol makes this test pass again by what the schema takes.
 */

const folder = join(import.meta.dirname, 'recorded-messages');
const schemas: Readonly<Record<string, z.ZodType>> = {
  assignments: Assignments,
  'enrolment-answer': EnrolmentAnswer,
  'enrolment-request': EnrolmentRequest,
  heartbeat: Heartbeat,
  'heartbeat-answer': HeartbeatAnswer,
  problem: Problem,
  runs: RunBatch,
  'runs-answer': RunBatchAnswer,
};

function recorded(name: string): [string, unknown][] {
  const files = globSync(`*/${name}.json`, { cwd: folder });
  return files.map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8'))]);
}

test('messages of every version are understood, and so they are with fields that nobody knows yet', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    const messages = recorded(name);
    assert.ok(messages.length > 0, `${name} was recorded`);
    for (const [file, message] of messages) {
      assert.ok(schema.safeParse(message).success, file);
      assert.ok(schema.safeParse(fromTheFuture(message)).success, `${file} with more in it`);
    }
  }
  for (const [file, batch] of recorded('runs')) {
    for (const run of RunBatch.parse(batch).runs) assert.ok(Run.safeParse(fromTheFuture(run)).success, file);
  }
});

/** The same with a field more in every object, but where the keys are somebody's own names. */
function fromTheFuture(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(fromTheFuture);
  if (typeof message !== 'object' || message === null) return message;
  const fields = Object.entries(message).map(([name, value]) => [
    name,
    name === 'variables' ? value : fromTheFuture(value),
  ]);
  return { ...Object.fromEntries(fields), inventedLater: { by: 'a newer version' } };
}

test('the server of today takes what a sentinel of every version sends, and as a stranger would write it', async () => {
  await using world = await buildWorld();
  const sentinel = await world.enrolled(await world.addCustomer('Acme'));
  for (const [file, message] of recorded('heartbeat')) {
    const answer = await sentinel.ask('POST', `${apiPrefix}/heartbeats`, { body: fromTheFuture(message) });
    assert.equal(answer.status, 200, file);
  }
  for (const [file, message] of recorded('runs')) {
    const answer = await sentinel.ask('POST', `${apiPrefix}/runs`, { body: fromTheFuture(message) });
    const { runs } = RunBatchAnswer.parse(answer.json());
    // Read, each of them; the monitor is another customer's.
    for (const run of runs) assert.equal(run.reason, 'monitorId: there is no such monitor', file);
  }
});
