import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pinnedAgent, send } from './build-client.ts';
import { buildWorld } from './build-world.ts';

const archive = 'vedette-sentinel-0.1.0-linux-x64.tar.gz';
const sum = 'a1'.repeat(32);

/** A server with an archive to hand out. */
async function buildSite() {
  const world = await buildWorld();
  const folder = join(world.context.dataFolder, 'install');
  mkdirSync(folder);
  writeFileSync(join(folder, archive), Buffer.alloc(300_000, 7));
  writeFileSync(join(folder, 'private'), 'not in the list');
  writeFileSync(join(folder, 'SHA256SUMS'), `${sum}  ${archive}\n${sum}  ../password-key\n${sum}  gone.zip\n`);
  const { authority } = world.context;
  const trust = { ca: authority.caPem, pins: new Set(authority.pins) };
  const agent = pinnedAgent(trust);
  const get = (path: string, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') =>
    send(world.server.url, { agent, path, method, headers });
  const close = async () => {
    agent.destroy();
    await world[Symbol.asyncDispose]();
  };
  return { world, get, [Symbol.asyncDispose]: close };
}

test('what the list of sums names is handed out to anybody, with its sum as ETag', async () => {
  await using site = await buildSite();
  const { status, headers, body } = await site.get(`/install/${archive}`, { 'accept-encoding': 'gzip' });
  assert.deepEqual([status, body.length], [200, 300_000]);
  const { etag, 'content-type': type, 'content-length': length, 'cache-control': cache } = headers;
  assert.deepEqual([etag, type, length, cache], [`"${sum}"`, 'application/gzip', '300000', 'no-cache']);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal((await site.get(`/install/${archive}`, { 'if-none-match': `"${sum}"` })).status, 304);
  const head = await site.get(`/install/${archive}`, {}, 'HEAD');
  assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '300000', 0]);
  assert.match((await site.get('/install/SHA256SUMS')).body.toString(), /^a1a1.*tar\.gz\n/);
});

test('nothing else in the folder is, nor anything outside of it, whatever the list says', async () => {
  await using site = await buildSite();
  const names = [
    '',
    'private',
    '../password-key',
    '%2e%2e/password-key',
    '..%2fpassword-key',
    './private',
    'constructor',
  ];
  for (const name of [...names, '../certs/authority.pem', `${archive}/`, 'SHA256SUMS%00', '%2e%2e%2fregistry.sqlite']) {
    const { status, body } = await site.get(`/install/${name}`);
    // Where the path leads out of /install/ it is one of the console's, which gets its page.
    assert.ok(status === 404 || /<html|has not been built/.test(body.toString()), `${name}: ${status}`);
    assert.doesNotMatch(body.toString(), /not in the list|PRIVATE KEY|SQLite/, name);
  }
});

test('a file that is gone is the server’s failure; a server without any says what its operator does', async () => {
  await using site = await buildSite();
  assert.equal((await site.get('/install/gone.zip')).status, 500);
  await using empty = await buildWorld();
  const answer = await empty.ask('GET', '/install/install.sh');
  assert.deepEqual([answer.status, answer.code], [404, 'NOTHING_TO_INSTALL']);
  assert.match(answer.text, /npm run package/);
});
