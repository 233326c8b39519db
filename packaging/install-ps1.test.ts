import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/* There is no PowerShell here: the text is held against what an update must and must not do. */

const script = fs.readFileSync(join(import.meta.dirname, 'install.ps1'), 'utf8');
const [functions = '', main = ''] = script.split(/^New-Item -ItemType Directory \$temp/m);

/** The places of these texts, each of which must be there once. */
function placesIn(text: string, parts: readonly string[]): number[] {
  for (const part of parts) assert.equal(text.split(part).length, 2, `once: ${part}`);
  return parts.map((part) => text.indexOf(part));
}

function inOrder(text: string, parts: readonly string[]): void {
  const places = placesIn(text, parts);
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
}

test('the new program is whole beside the old one before that is touched', () => {
  inOrder(main, [
    "Get-Installed 'SHA256SUMS'",
    '(Get-FileHash ',
    '[IO.Directory]::Move("$app.old", $app)',
    'tar.exe -xf "$temp\\$archive" -C "$app.new"',
    'Switch-Program',
    'Invoke-Sentinel enrol',
    'Invoke-Sentinel service install --restart',
  ]);
  assert.doesNotMatch(script, /Remove-Item \$app[ "]/, 'the program itself is never removed');
  assert.doesNotMatch(main.split('Switch-Program')[0] ?? '', /ScheduledTask/, 'until then the sentinel goes on');
});

test('the swap is two renames, and what fails is put back and started again', () => {
  inOrder(functions, [
    'Stop-ScheduledTask $task',
    '[IO.Directory]::Move($app, "$app.old")',
    '[IO.Directory]::Move("$app.new", $app) } catch { if (Test-Path "$app.old") { [IO.Directory]::Move("$app.old", $app) }; throw }',
    'Start-ScheduledTask $task',
    'nothing was changed',
    'Remove-Item "$app.old"',
  ]);
});
