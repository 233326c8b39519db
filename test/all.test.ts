import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const files: Record<string, string> = {
  whole: "test('one', () => {}); test('two', () => {});",
  'with a failure': "test('one', () => { throw new Error('no'); });",
  'with a test that is skipped': "test.skip('one', () => {});",
  'without tests': '',
  'that ends its process in a test':
    "test('one', () => {}); test('two', () => process.exit(0)); test('three', () => {});",
  'that crashes': "test('one', () => process.kill(process.pid, 'SIGKILL'));",
  'that cannot be loaded': 'test(',
};

test('a file that is skipped, empty, broken off or broken counts as failed, whatever Node says of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-all-'));
  const paths = Object.entries(files).map(([name, body]) => {
    writeFileSync(join(folder, `${name}.test.ts`), `import { test } from 'node:test';\n${body}\n`);
    return join(folder, `${name}.test.ts`);
  });
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // or it would take itself for a file of this run
  const said = await new Promise<{ code: unknown; lines: string[] }>((resolve) =>
    execFile(process.execPath, [join(import.meta.dirname, 'all.ts'), ...paths], { env }, (error, stdout) =>
      resolve({ code: error?.code, lines: stdout.trimEnd().split('\n') }),
    ),
  );
  rmSync(folder, { recursive: true });
  assert.equal(said.lines.at(-1), '2 passed, 6 failed', said.lines.join('\n'));
  assert.equal(said.code, 1);
  for (const name of Object.keys(files).slice(1)) {
    assert.ok(
      said.lines.some((line) => line.startsWith('failed: ') && line.includes(`${name}.test.ts`)),
      name,
    );
  }
});
