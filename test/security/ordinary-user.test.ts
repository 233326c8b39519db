import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';

/*
 * What holds for an ordinary user, as whom sentinels run. A test that root runs starts a process of such a user.
 */

const nobody = 65_534;
const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** A sentinel's runner in a process of an ordinary user, with a page open and its script waiting. */
async function buildOrdinary() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-ordinary-'));
  if ('uid' in user) chownSync(folder, nobody, nobody);
  chmodSync(folder, 0o700);
  const program = `
    import { runBundle } from ${JSON.stringify(join(import.meta.dirname, '..', 'run-script.ts'))};
    import { openRunner } from ${JSON.stringify(join(import.meta.dirname, '..', '..', 'sentinel', 'runner', 'runner.ts'))};
    const runner = await openRunner({ folder: ${JSON.stringify(folder)}, allowRoot: false, log: () => {} });
    console.log('level ' + runner.sandboxLevel);
    const code = "const { test } = require('@playwright/test'); test('waits', async ({ page }) => { await page.setContent('<h1>here</h1>'); await page.evaluate(() => {}); await page.waitForTimeout(60000); });";
    runBundle(runner, code, { url: 'http://127.0.0.1:1', timeoutMs: 60000 }).then(({ run }) => console.log('ended ' + JSON.stringify(run)));
    setTimeout(() => {}, 60000);`;
  const sentinel = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    ...user,
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
  const sandbox = join(import.meta.dirname, '..', '..', 'sentinel', 'runner', 'sandbox.ts');
  const program = `import { sandboxLevel } from ${JSON.stringify(sandbox)}; console.log(await sandboxLevel());`;
  const node = [process.execPath, '--input-type=module-typescript', '-e', program];
  const noNamespaces = ['bwrap', '--dev-bind', '/', '/', '--unshare-user', '--disable-userns', ...node];
  const told = async ([command = '', ...args]: string[], env = process.env) =>
    (await promisify(execFile)(command, args, { ...user, env })).stdout.trim();
  assert.deepEqual([await told(node), await told(noNamespaces), await told(node, { PATH: '' })], ['3', '1', '1']);
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
