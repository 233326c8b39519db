import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { openPipe } from './pipe.ts';

test('a browser that says more at once than can be held, or what nobody can read, is given up', async () => {
  const faults: string[] = [];
  const browser = () => {
    const from = new PassThrough();
    openPipe(new PassThrough(), from, (what) => faults.push(what));
    return from;
  };
  const part = Buffer.alloc(8 * 1024 * 1024, 'x');
  const talkative = browser();
  for (let i = 0; i < 33; i++) if (!talkative.write(part)) await once(talkative, 'drain');
  const garbling = browser();
  garbling.end('{"id":\0');
  await once(garbling, 'end');
  assert.deepEqual([...new Set(faults)].sort(), ['too long', 'unreadable']);
});

test('who waits for a browser to take up what it was sent goes on when the browser dies', async () => {
  const to = new PassThrough({ highWaterMark: 10 });
  const pipe = openPipe(to, new PassThrough(), () => {});
  pipe.forward({ method: 'Page.enable' }, () => {});
  const drained = pipe.drained();
  to.destroy(new Error('EPIPE'));
  await drained;
});
