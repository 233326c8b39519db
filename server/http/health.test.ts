import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerContext } from './context.ts';
import { healthOf } from './health.ts';

test('a registry that answers nothing is told as one that is away, and asked anew by who comes next', async () => {
  const answers = [new Promise(() => {}), Promise.resolve(undefined)];
  let asked = 0;
  const registry = () => ({ first: () => answers[asked++] });
  const health = healthOf({ registry } as unknown as ServerContext, 10);
  const both = await Promise.allSettled([health(), health()]);
  assert.deepEqual(
    both.map((one) => one.status === 'rejected' && one.reason.status),
    [503, 503],
  );
  await health();
  assert.equal(asked, 2);
});
