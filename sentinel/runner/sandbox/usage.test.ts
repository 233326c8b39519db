import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { lookByPs, meter, nothing } from './usage.ts';

const MiB = 1024 * 1024;

/** A process that has another do the work: it holds memory and computes; both say when they have. */
async function buildFamily(): Promise<ChildProcess> {
  const work = `const held = Buffer.alloc(${100 * MiB}, 1); while (process.cpuUsage().user < 300_000); console.log(held.length); setInterval(() => {}, 1000)`;
  const above = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(work)}], { stdio: 'inherit' }); setInterval(() => {}, 1000)`;
  const family = spawn(process.execPath, ['-e', above], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  await once(family.stdout as NodeJS.ReadableStream, 'data');
  return family;
}

test('a family is a process with its descendants: their memory and processor time are told, and no other’s', async () => {
  const family = await buildFamily();
  const root = family.pid ?? 0;
  try {
    const processes = meter();
    processes.add({ root, fromStart: true });
    const [all] = (await processes.read()) ?? [];
    assert.equal(all?.pids.length, 2);
    assert.ok(all.bytes > 100 * MiB && all.bytes < 400 * MiB, `${all.bytes / MiB} MiB`);
    assert.ok(all.cpuUs > 250_000, `${all.cpuUs} µs`);

    processes.add({ root, fromStart: false });
    await processes.read();
    const [since, fromNow] = (await processes.read()) ?? [];
    assert.ok(
      since && fromNow && fromNow.cpuUs < since.cpuUs - 250_000,
      'what was used before it was added counts not',
    );
  } finally {
    process.kill(-root, 'SIGKILL');
  }
});

test('what an ended process has used still counts, and a family that is gone uses no memory', async () => {
  const family = await buildFamily();
  const root = family.pid ?? 0;
  const processes = meter();
  processes.add({ root, fromStart: true });
  const [before = nothing] = (await processes.read()) ?? [];
  process.kill(-root, 'SIGKILL');
  await once(family, 'exit');
  let [after = nothing] = (await processes.read()) ?? [];
  while (after.pids.length > 0) [after = nothing] = (await processes.read()) ?? []; // until the system has let go of it
  assert.equal(after.bytes, 0);
  assert.ok(after.cpuUs >= before.cpuUs);
});

test('ps, where there is no /proc, tells the same of a process', async () => {
  const family = await buildFamily();
  try {
    const seen = await lookByPs();
    const child = [...seen.values()].find(({ parent }) => parent === family.pid);
    assert.ok(child && child.bytes > 100 * MiB, `${child?.bytes}`);
    assert.equal(child.group, family.pid);
    assert.equal(child.cpuUs % 1, 0);
  } finally {
    process.kill(-(family.pid ?? 0), 'SIGKILL');
  }
});
