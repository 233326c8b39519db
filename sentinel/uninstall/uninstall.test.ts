import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { vedette } from '../build-cli.ts';
import { buildHome } from '../build-home.ts';
import { buildFile, buildRun } from '../build-run.ts';
import { buildServer, type FakeAnswer, problem } from '../build-server.ts';
import { writeConfig } from '../config.ts';
import { lockHome } from '../lock.ts';
import { headers } from '../protocol/messages.ts';
import { openSeal } from '../seal.ts';
import { Spool } from '../spool/spool.ts';
import { countUnsent } from '../spool/unsent.ts';
import { Vault } from '../vault.ts';
import { whoElseNeedsIt } from './remove.ts';
import { uninstall } from './uninstall.ts';

const sentinelId = '99999999-2222-4333-8444-555555555555';

/** An enrolled sentinel with a run that was refused and one that waits with its evidence, and its server. */
async function enrolled(answer: FakeAnswer) {
  const temp = buildHome();
  const home = path.join(temp.folder, 'sentinel');
  fs.mkdirSync(home, { mode: 0o700 });
  const server = await buildServer(() => answer);
  writeConfig(home, {
    server: server.url,
    ca: server.trust.ca,
    pins: [...server.trust.pins],
    sentinelId,
    customer: { id: '11111111-2222-4333-8444-555555555555', name: 'Acme' },
    location: 'Utrecht',
    name: 'Desk 7',
    enrolledAt: 1,
  });
  new Vault(home).setApiKey('the-key');
  const file = buildFile();
  const runs = [buildRun(), buildRun({ outcome: 'failed' })];
  using spool = new Spool({ file: path.join(home, 'spool.sqlite'), seal: openSeal(home, 'spool') });
  for (const [index, run] of runs.entries()) spool.add(run, index === 1 ? [file] : []);
  spool.reject(runs[0]?.id ?? '', 'because');
  const close = async () => {
    await server[Symbol.asyncDispose]();
    temp[Symbol.dispose]();
  };
  return { home, server, runs, file, kept: path.join(temp.folder, 'unsent.jsonl'), [Symbol.asyncDispose]: close };
}

test('it asks first while runs are unsent; where nobody can answer it ends with 2, and all is as it was', async () => {
  await using sentinel = await enrolled({ status: 204, text: '' });
  const { code, error } = await vedette(sentinel.home, ['uninstall']);
  assert.equal(code, 2);
  assert.match(error, /^vedette-sentinel: 2 runs have not reached the server: add --yes, or .* --keep-unsent FILE\n$/);
  assert.ok(fs.existsSync(path.join(sentinel.home, 'spool.sqlite')));
  assert.deepEqual(sentinel.server.requests, []);
});

test('with --keep-unsent what the server does not have is in the file, then all is gone and the server was told', async () => {
  await using sentinel = await enrolled({ status: 204, text: '' });
  const { home, runs, file, kept, server } = sentinel;
  const { code, out, error } = await vedette(home, ['uninstall', '--keep-unsent', kept, '--json']);
  assert.deepEqual([code, error], [0, '']);
  assert.deepEqual(JSON.parse(out), { removed: [home], server: { told: true }, unsent: 2, kept });
  const lines = fs
    .readFileSync(kept, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { sha256, mediaType, content } = file;
  assert.deepEqual(lines, [
    { run: runs[0], refused: 'because' },
    { run: runs[1] },
    { evidence: { runId: runs[1]?.id, sha256, mediaType, base64: content.toString('base64') } },
  ]);
  assert.equal(fs.statSync(kept).mode & 0o777, 0o600);
  assert.ok(!fs.existsSync(home));
  const [asked, ...more] = server.requests;
  assert.deepEqual(
    [asked?.method, asked?.path, asked?.headers.authorization],
    ['DELETE', '/sentinel', 'Bearer the-key'],
  );
  assert.equal(asked?.headers[headers.before], 'none', 'by which the server tells this machine from a copy of it');
  assert.equal(more.length, 0);
});

const never = new AbortController().signal;

test('a server that is away, refuses or never answers keeps nobody waiting, and what is wrong is told', async () => {
  const answers: [FakeAnswer, RegExp][] = [
    ['cut', /^cannot reach the server.*\. Have this sentinel revoked there$/],
    [problem(401, 'KEY_REVOKED'), /\[KEY_REVOKED\]$/],
    [() => {}, /did not answer in time/],
  ];
  await Promise.all(
    answers.map(async ([answer, expected]) => {
      await using sentinel = await enrolled(answer);
      const { server } = await uninstall(sentinel.home, undefined, never);
      assert.equal(server?.told, false);
      assert.match(server?.why ?? '', expected);
      assert.ok(!fs.existsSync(sentinel.home));
    }),
  );
});

test('nothing is removed while a sentinel works there, from a folder that is none, or where the file can’t be made', async () => {
  await using sentinel = await enrolled({ status: 204, text: '' });
  const { home, kept } = sentinel;
  const lock = lockHome(home);
  await assert.rejects(uninstall(home, kept, never), /a sentinel is running with the home .*: stop it first/);
  lock[Symbol.dispose]();
  await assert.rejects(uninstall(path.dirname(home), kept, never), /is not the home of a sentinel/);
  assert.ok(!fs.existsSync(kept));
  await assert.rejects(uninstall(home, path.join(home, 'kept'), never), /lies in .*, which is removed/);
  fs.writeFileSync(kept, 'mine');
  await assert.rejects(uninstall(home, kept, never), /EEXIST.*: name another new file/);
  assert.equal(fs.readFileSync(kept, 'utf8'), 'mine');
  assert.ok(fs.existsSync(path.join(home, 'key')));
});

test('a spool that can’t be read is asked about too, and goes when nothing of it is wanted', async () => {
  await using sentinel = await enrolled({ status: 204, text: '' });
  for (const part of ['-wal', '-shm']) fs.rmSync(path.join(sentinel.home, `spool.sqlite${part}`), { force: true });
  fs.writeFileSync(path.join(sentinel.home, 'spool.sqlite'), 'no database '.repeat(100));
  assert.equal(countUnsent(sentinel.home), undefined);
  const keeping = uninstall(sentinel.home, sentinel.kept, never);
  await assert.rejects(keeping, /what is unsent can't be kept \(.*\); .* still there: save it yourself/);
  assert.ok(!fs.existsSync(sentinel.kept));
  fs.writeFileSync(path.join(sentinel.home, 'config.json'), '{ damaged');
  await uninstall(sentinel.home, undefined, never);
  assert.ok(!fs.existsSync(sentinel.home));
});

test('a folder with a name or two as homes have them is none, nor is one that is not there', async () => {
  using temp = buildHome();
  fs.writeFileSync(path.join(temp.folder, 'config.json'), '{"auths":{}}');
  await assert.rejects(uninstall(temp.folder, undefined, never), /is not the home of a sentinel/);
  assert.ok(fs.existsSync(path.join(temp.folder, 'config.json')));
  await assert.rejects(uninstall(path.join(temp.folder, 'typo'), undefined, never), /is not the home of a sentinel/);
});

test('a home whose enrolment failed can be removed', async () => {
  using temp = buildHome();
  const home = path.join(temp.folder, 'failed');
  await using refusing = await buildServer(() => problem(403, 'CODE_USED'));
  assert.equal(
    (await vedette(home, ['enrol', '--server', refusing.url, '--pin', refusing.pin, '--code', 'x'])).code,
    1,
  );
  await uninstall(home, undefined, never);
  assert.ok(!fs.existsSync(home));
});

test('of a home that is a link all is gone, and what is kept does not go with it under its other name', async () => {
  await using sentinel = await enrolled({ status: 204, text: '' });
  const { home } = sentinel;
  const link = `${home}-link`;
  fs.symlinkSync(home, link);
  await assert.rejects(uninstall(link, path.join(home, 'kept'), never), /lies in .*, which is removed/);
  const { removed, unsent } = await uninstall(link, undefined, never);
  assert.deepEqual([removed, unsent], [[link], 2]);
  assert.ok(!fs.existsSync(home));
  assert.throws(() => fs.lstatSync(link), /ENOENT/);
});

test('the program stays while another sentinel of this device needs it', async () => {
  await using sentinel = await enrolled({ status: 204, text: '' });
  const [usual, other] = [sentinel.home, `${sentinel.home}-other`];
  const [service, none] = ['active', 'none'].map((state) => ({ file: '/unit', state: () => state }));
  assert.ok(service && none);
  assert.match(whoElseNeedsIt(usual, service, usual) ?? '', /^the service of another sentinel \(\/unit\)$/);
  assert.equal(whoElseNeedsIt(other, none, usual), `the sentinel of ${usual}`);
  fs.rmSync(usual, { recursive: true });
  for (const home of [usual, other]) assert.equal(whoElseNeedsIt(home, none, usual), undefined);
});
