import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { expect } from 'playwright/test';
import { buildHome } from '../../sentinel/build-home.ts';
import { addUser } from '../../server/accounts/users.ts';
import { buildWorld } from '../../server/build-world.ts';
import { changeSentinel } from '../../server/enrolment/change-sentinel.ts';
import { listSentinels } from '../../server/enrolment/sentinels.ts';
import { startProgram } from '../faults/program.ts';
import { thriftyBrowser } from '../thrifty-browser.ts';
import { openBrowser } from './open-browser.ts';
import { writeScript } from './write-script.ts';

/* An administrator adds a sentinel in the console, pastes the line on the device, sees it come, has it try a script, and revokes it. */

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const patience = { timeout: 60_000 };

test('a sentinel is added through the console with one pasted line, tries a draft that is then published, and is revoked', async () => {
  await using world = await buildWorld();
  using device = buildHome();
  const home = join(device.folder, 'home');
  const customerId = await world.addCustomer('Acme');
  const { password } = await addUser(world.context, { name: 'bob', role: 'admin', customerId });
  await using browser = await openBrowser(world.context.authority.pins[0]);
  const page = await browser.newPage();
  await page.goto(`${world.server.url}/c/${customerId}/sentinels`);
  await page.getByLabel('Name').fill('bob');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'No sentinels yet' })).toBeVisible(patience);

  await page.getByRole('button', { name: 'Add a sentinel' }).click();
  await page.keyboard.type('Utrecht, 3rd floor'); // the cursor is where one types first
  await page.keyboard.press('Enter');
  const line = await page
    .getByRole('group', { name: 'Run this on the device' })
    .getByRole('code')
    .textContent(patience);
  await paste(line ?? '', device.folder, home, 'Desk 7');
  await page.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('row', { name: /Desk 7/ });
  await expect(row, 'enrolment asked what it would be told to do').toContainText('Connected', patience);
  await expect(page.getByRole('heading', { name: 'Open codes' }), 'the code is used up').toBeHidden(patience);
  await row.getByRole('button', { name: 'Change' }).click();
  const [{ id } = { id: '' }] = await listSentinels(world.context, customerId);
  await changeSentinel(world.context, customerId, id, { location: 'Zwolle' }); // by another administrator meanwhile
  await page.getByRole('textbox', { name: 'Tags' }).fill('vdi, thin client');
  await page.keyboard.press('Enter');
  await expect(row).toContainText('thin client', patience);
  await expect(row, 'what was not touched stays as the other left it').toContainText('Zwolle');

  const allowRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const sentinel = await startProgram({
    command: ['sentinel/cli.ts', '--home', home, 'run', '--browser', thriftyBrowser, ...allowRoot],
    folder: home,
  });
  try {
    await writeScript(page, world, customerId);
    await page.getByRole('link', { name: 'Sentinels' }).click();
    await row.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await expect(row).toContainText('Revoked', patience);
    await expect
      .poll(() => problemsOf(home), patience)
      .toMatch(/this sentinel was revoked.*Ask whoever administers it/);
    assert.match(sentinel.lastWords(), /this sentinel was revoked/, 'it is in its log');
  } finally {
    await sentinel.kill();
  }
});

/** As a shell of the device takes it, in which the sentinel's program is found. */
async function paste(line: string, folder: string, home: string, name: string): Promise<void> {
  const program = `#!/bin/sh\nexec '${process.execPath}' '${root}/sentinel/cli.ts' --home '${home}' "$@" --name '${name}'\n`;
  writeFileSync(join(folder, 'vedette-sentinel'), program, { mode: 0o755 });
  await run('sh', ['-c', line], { env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });
}

async function problemsOf(home: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['sentinel/cli.ts', '--home', home, 'status', '--json'], {
    cwd: root,
  });
  return (JSON.parse(stdout) as { problems: string[] }).problems.join(' ');
}
