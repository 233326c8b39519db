import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { doCommand } from '../build-command.ts';
import { buildHome } from '../build-home.ts';
import { uninstall } from '../uninstall/uninstall.ts';
import { addSent } from './command.ts';
import { Journal } from './journal.ts';

const monitorId = '11111111-2222-4333-8444-555555555555';

/** A home from which a run, its picture and a question for work were sent. */
function buildSent() {
  const home = buildHome();
  using journal = new Journal(home.folder);
  const runs = [{ id: 'run-1', monitorId }];
  const content = JSON.stringify({ runs: [{ id: 'run-1', monitorId }] });
  journal.add({ call: 'POST /runs', mediaType: 'application/json', content, runs });
  const picture = Buffer.from([1, 2, 3, 0xff]);
  journal.add({ call: 'PUT /evidence/abc', mediaType: 'image/webp', content: picture, runs: [{ id: 'run-1' }] });
  journal.count('GET /assignments', 3);
  return { ...home, picture, content };
}

test('sent lists what was sent, shows an item, and gives a picture as a file', async () => {
  using home = buildSent();
  const sent = (...args: string[]) => doCommand(addSent, home.folder, ['sent', ...args]);
  const file = path.join(home.folder, 'out', 'picture.webp');
  const all = path.join(home.folder, 'all');
  const list = await sent();
  assert.match(list, /^\S+Z +1 {2}runs +\d+ B {2}[0-9a-f]{12} {2}11111111-2222-4333-8444-555555555555$/m);
  assert.match(list, / 2 {2}evidence .* image\/webp\n/);
  assert.match(list, /poll +GET \/assignments, 3 times within the hour/);
  assert.deepEqual(JSON.parse(await sent('1')), JSON.parse(home.content));
  const json = await sent('--json', '--monitor', monitorId, '--save', all);
  const items = json.split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(
    items.map(({ kind, text, base64 }) => [kind, text ?? Buffer.from(base64, 'base64')]),
    [
      ['runs', home.content],
      ['evidence', home.picture],
    ],
  );
  await sent('2', '--output', file, '--json');
  assert.deepEqual(fs.readFileSync(file), home.picture);
  const [run = '', picture = ''] = fs.readdirSync(all).sort();
  assert.equal(fs.readFileSync(path.join(all, run), 'utf8'), home.content);
  assert.match(picture, /^0000002-.*-evidence\.webp$/);
});

test('an item that is not there, or a file for many, is said in a sentence', async () => {
  using home = buildSent();
  const sent = (...args: string[]) => doCommand(addSent, home.folder, ['sent', ...args]);
  await assert.rejects(sent('99'), /there is no item 99/);
  await assert.rejects(sent('--output', 'x'), { name: 'UsageFault' });
  await assert.rejects(sent('--kind', 'gossip'), /gossip/);
  await assert.rejects(sent('--since', 'yesterday-ish'), /It is a time such as/);
});

test('what another user may not read is said, and not taken for nothing', async () => {
  using home = buildSent();
  const isRoot = process.geteuid?.() === 0;
  fs.chmodSync(home.folder, 0);
  if (isRoot) process.seteuid?.(65534);
  try {
    await assert.rejects(doCommand(addSent, home.folder, ['sent']), /\(EACCES\): do this as the user whose file it is/);
    await assert.rejects(uninstall(home.folder, undefined, new AbortController().signal), /do this as the user/);
  } finally {
    if (isRoot) process.seteuid?.(0);
    fs.chmodSync(home.folder, 0o700);
  }
});
