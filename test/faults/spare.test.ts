import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { processesNaming } from './processes.ts';
import { until } from './until.ts';

const runner = join(import.meta.dirname, '../../sentinel/runner/runner.ts');

for (const level of ['undefined', '1']) {
  test(`a sentinel that is killed leaves no spare child behind${level === '1' ? ', without the outer wall too' : ''}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-killed-'));
    const program = `
      const { openRunner } = await import(${JSON.stringify(runner)});
      const settings = { folder: ${JSON.stringify(folder)}, allowRoot: true, log() {} };
      const runner = await openRunner(settings, { sandboxLevel: ${level} });
      runner.prepare();
      console.log('prepared');
      setInterval(() => {}, 1000);`;
    const sentinel = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(sentinel.stdout, 'data');
      await until('there is a spare child', () => processesNaming(join(folder, 'scratch-')).length > 0);
      sentinel.kill('SIGKILL');
      await until('every child is gone', () => processesNaming(join(folder, 'scratch-')).length === 0);
    } finally {
      sentinel.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}
