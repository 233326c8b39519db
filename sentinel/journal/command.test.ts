import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { vedette } from '../build-cli.ts';
import { buildHome } from '../build-home.ts';
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
  const { folder } = home;
  const file = path.join(folder, 'out', 'picture.webp');
  const [list, one, json, output] = await Promise.all([
    vedette(folder, ['sent']),
    vedette(folder, ['sent', '1']),
    vedette(folder, ['sent', '--json', '--monitor', monitorId, '--save', path.join(folder, 'all')]),
    vedette(folder, ['sent', '2', '--output', file]),
  ]);
  assert.match(list.out, /^\S+Z +1 {2}runs +\d+ B {2}[0-9a-f]{12} {2}11111111-2222-4333-8444-555555555555$/m);
  assert.match(list.out, / 2 {2}evidence .* image\/webp\n/);
  assert.match(list.out, /poll +GET \/assignments, 3 times within the hour/);
  assert.deepEqual(JSON.parse(one.out), JSON.parse(home.content));
  const items = json.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    items.map(({ kind, text, base64 }) => [kind, text ?? Buffer.from(base64, 'base64')]),
    [
      ['runs', home.content],
      ['evidence', home.picture],
    ],
  );
  assert.deepEqual(fs.readFileSync(file), home.picture);
  assert.deepEqual(output.code, 0);
  const [run = '', picture = ''] = fs.readdirSync(path.join(folder, 'all')).sort();
  assert.equal(fs.readFileSync(path.join(folder, 'all', run), 'utf8'), home.content);
  assert.match(picture, /^0000002-.*-evidence\.webp$/);
});

test('an item that is not there, or a file for many, is said in a sentence', async () => {
  using home = buildSent();
  const [missing, many, kind] = await Promise.all([
    vedette(home.folder, ['sent', '99']),
    vedette(home.folder, ['sent', '--output', 'x']),
    vedette(home.folder, ['sent', '--kind', 'gossip']),
  ]);
  assert.deepEqual([missing.code, many.code, kind.code], [1, 2, 2]);
  assert.match(missing.error, /there is no item 99/);
});
