import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { asOrdinaryUser, checkout, isRoot, nobody, seen } from '../ordinary-user.ts';

/*
 * What holds for an ordinary user, as whom sentinels run. A test that root runs starts a process of such a user.
 */

const moduleOf = (path: string) => JSON.stringify(seen(join(checkout, path)));

/** A sentinel's runner in a process of an ordinary user, with a page open and its script waiting. */
async function buildOrdinary() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-ordinary-'));
  if (isRoot) chownSync(folder, nobody, nobody);
  chmodSync(folder, 0o700);
  const program = `
    import { runBundle } from ${moduleOf('test/run-script.ts')};
    import { openRunner } from ${moduleOf('sentinel/runner/runner.ts')};
    const runner = await openRunner({ folder: ${JSON.stringify(folder)}, allowRoot: false, log: () => {} });
    console.log('level ' + runner.sandboxLevel);
    const code = "const { test } = require('@playwright/test'); test('waits', async ({ page }) => { await page.setContent('<h1>here</h1>'); await page.evaluate(() => {}); await page.waitForTimeout(60000); });";
    runBundle(runner, code, { url: 'http://127.0.0.1:1', timeoutMs: 60000 }).then(({ run }) => console.log('ended ' + JSON.stringify(run)));
    setTimeout(() => {}, 60000);`;
  const sentinel = spawn(...asOrdinaryUser([process.execPath, '--input-type=module-typescript', '-e', program]), {
    env: { ...process.env, HOME: folder, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [level] = (await once(createInterface(sentinel.stdout as NodeJS.ReadableStream), 'line')) as [string];
  return { folder, sentinel, level };
}

test('for an ordinary user the script has level 3, Chromium its own sandbox, and both end with a sentinel that is killed', async () => {
  const { folder, sentinel, level } = await buildOrdinary();
  try {
    assert.equal(level, 'level 3');
    // 2 is a filter of system calls, put on soon after the start; https://docs.kernel.org/filesystems/proc.html
    await found(() => {
      const renderers = processesOf(folder).filter(({ command }) => command.includes('--type=renderer'));
      return renderers.find(({ pid }) => /^Seccomp:\s+2$/m.test(statusOf(pid)));
    });
    const child = await found(() =>
      processesOf(folder).find(({ command }) => command.includes('/child/main.ts') && !command.startsWith('bwrap')),
    );
    assert.ok(processesOf(folder).every(({ command }) => !command.includes('--no-sandbox')));
    const limits = readFileSync(`/proc/${child.pid}/limits`, 'utf8');
    assert.match(limits, /Max data size\s+1342177280/);
    assert.match(limits, /Max processes\s+64 /);
    assert.match(limits, /Max core file size\s+0 /);
    sentinel.kill('SIGKILL');
    await found(() => processesOf(folder).length === 0 || undefined);
  } finally {
    sentinel.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

test('where there is no bubblewrap, or no namespaces for its user, a sentinel tells level 1', async () => {
  const program = `import { sandboxLevel } from ${moduleOf('sentinel/runner/sandbox/sandbox.ts')}; console.log(await sandboxLevel());`;
  const node = [process.execPath, '--input-type=module-typescript', '-e', program];
  const noNamespaces = ['bwrap', '--dev-bind', '/', '/', '--unshare-user', '--disable-userns', ...node];
  const noBubblewrap = ['env', 'PATH=', ...node];
  const told = async (command: string[]) => (await promisify(execFile)(...asOrdinaryUser(command))).stdout.trim();
  assert.deepEqual([await told(node), await told(noNamespaces), await told(noBubblewrap)], ['3', '1', '1']);
});

/** The gate, which asks whose connection it is; in the long form runs too. */
const suites = process.env.VEDETTE_LONG
  ? ['sentinel/runner/gate/*.test.ts', 'sentinel/runner/thin-client.test.ts']
  : ['sentinel/runner/gate/gate.test.ts'];

test('tests of the runner pass for an ordinary user too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-ordinary-'));
  if (isRoot) chownSync(folder, nobody, nobody);
  const files = globSync(suites, { cwd: checkout }).map((file) => join(checkout, file));
  const { NODE_TEST_CONTEXT: _, ...rest } = process.env; // what it says is no part of this test
  const env = { ...rest, HOME: folder, TMPDIR: folder };
  const node = [process.execPath, '--test', '--test-concurrency=1', '--test-reporter=dot', ...files];
  try {
    // From a folder that everybody can enter.
    await promisify(execFile)(...asOrdinaryUser(node), { cwd: '/', env, maxBuffer: 64 * 1024 * 1024 });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

/** Processes that name a folder in their command, but for the sentinel itself. */
function processesOf(folder: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return command.includes(folder) && !command.includes('--input-type') ? [{ pid, command }] : [];
      } catch {
        return []; // it has ended
      }
    });
}

/** Looks again until there is something; a test that waits in vain is ended by its own time limit. */
async function found<T>(look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const something = look();
    if (something !== undefined) return something;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come');
}
