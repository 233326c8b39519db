import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Drawn, openDrawer, type Undecided } from './draw-apart.ts';

const folder = mkdtempSync(join(tmpdir(), 'vedette-drawer-'));
after(() => rmSync(folder, { recursive: true }));
const within = { width: 10, height: 10 };
const order = (text: string) => ({ content: Buffer.from(text), within });

/** A drawer whose process answers an order by `code`, which has the order's text. */
function drawerThat(name: string, code: string) {
  const program = join(folder, `${name}.mjs`);
  const told = `let number;
    const webp = (text) => { const rest = Buffer.from('WEBP' + text.padEnd(text.length + text.length % 2)); const head = Buffer.from('RIFF....'); head.writeUInt32LE(rest.length, 4); return Buffer.concat([head, rest]); };
    const send = (answer) => process.send({ number, drawn: { content: webp('none'), width: 1, height: 1 }, ...answer });
    const tell = (text) => send({ drawn: { content: webp(String(text)), width: 1, height: 1 } });`;
  const begin = "process.on('disconnect', () => process.exit());";
  writeFileSync(
    program,
    `${begin}\n${told}\nprocess.on('message', async (asked) => { number = asked.number; const text = Buffer.from(asked.content).toString(); ${code} });
     process.send('ready');`,
  );
  return openDrawer(program);
}

function textOf(drawn: Drawn | Undecided): string {
  if ('undecided' in drawn) return 'not known yet';
  return 'refused' in drawn ? drawn.refused : Buffer.from(drawn.content).toString('utf8', 12).trim();
}

test('a picture over which the process dies is refused when it is asked for again, and the others are drawn', async () => {
  const drawer = drawerThat('dies', "if (text === 'deadly') process.kill(process.pid, 'SIGKILL'); else tell(text);");
  const asked = ['first', 'deadly', 'second', 'deadly', 'third'];
  const drawn = asked.map(async (text) => textOf(await drawer.draw('acme', order(text))));
  const died = 'the process that draws it died of it';
  assert.deepEqual(await Promise.all(drawn), ['first', 'not known yet', 'second', died, 'third']);
});

test('one that was killed for no fault of the picture draws it in another process, or when it is asked for again', async () => {
  const short = join(folder, 'memory is short');
  const flaky = drawerThat(
    'flaky',
    `const { existsSync } = await import('node:fs');
     globalThis.count = (globalThis.count ?? 0) + 1;
     if (text === 'again' && globalThis.count > 1 || existsSync(${JSON.stringify(short)})) process.kill(process.pid, 'SIGKILL'); else tell(globalThis.count);`,
  );
  const drawn = async (text: string) => textOf(await flaky.draw('acme', order(text)));
  assert.equal(await drawn('once'), '1');
  assert.equal(await drawn('again'), '1', 'in one that was begun anew');
  writeFileSync(short, '');
  assert.equal(await drawn('innocent'), 'not known yet');
  rmSync(short);
  assert.equal(await drawn('innocent'), '1');
});

test('what gets the better of the process sees no picture of another, and can not answer for one', async () => {
  const sees = drawerThat('sees', 'globalThis.seen = [...(globalThis.seen ?? []), text]; tell(globalThis.seen);');
  const seen = async (owner: string, text: string) => textOf(await sees.draw(owner, order(text)));
  assert.equal(await seen('acme', 'a'), 'a');
  assert.equal(await seen('acme', 'b'), 'a,b');
  assert.equal(await seen('other', 'c'), 'c');
  assert.equal(await seen('acme', 'd'), 'd');

  const lies: Record<string, string> = {
    page: "send({ drawn: { content: Buffer.from('<script>'), width: 1, height: 1 } });",
    text: "send({ drawn: { content: 'RIFF', width: 1, height: 1 } });",
    size: "send({ drawn: { content: webp(''), width: '1', height: 1 } });",
    large: "send({ drawn: { content: webp(''), width: 11, height: 1 } });",
    number: "send({ number: 'of another' });",
  };
  const drawer = drawerThat(
    'lies',
    `const lies = { ${Object.keys(lies).map((name) => `${name}() { ${lies[name]} }`)} }; if (text in lies) lies[text](); else tell('true');`,
  );
  for (const name of Object.keys(lies))
    assert.equal(textOf(await drawer.draw('acme', order(name))), 'not known yet', name);
  assert.match(textOf(await drawer.draw('acme', order('page'))), /something else than a picture/);
  assert.equal(textOf(await drawer.draw('acme', order('honest'))), 'true');
});

test('where it can not be begun that is not said of the picture', async () => {
  await assert.rejects(
    openDrawer(join(folder, 'there is none.mjs')).draw('acme', order('')),
    /no process can be begun/,
  );
});

test('the process has nothing of the environment, and behind walls no network and no file of the server', async () => {
  const secret = join(tmpdir(), `vedette-secret-${process.pid}`);
  writeFileSync(secret, 'a key');
  const server = createServer().listen(0, '127.0.0.1');
  process.env.VEDETTE_SECRET_OF_TEST = 'secret';
  try {
    const drawer = drawerThat(
      'looks',
      `const { readFileSync } = await import('node:fs');
       const { connect } = await import('node:net');
       const read = () => { try { return readFileSync(text.split(' ')[0], 'utf8'); } catch (error) { return error.code; } };
       const reach = await new Promise((done) => connect(Number(text.split(' ')[1]), '127.0.0.1').on('connect', () => done('reached')).on('error', (error) => done(error.code)));
       const has = Object.keys(process.env).filter((name) => !/^(NODE_CHANNEL|PWD$)/.test(name));
       tell(JSON.stringify({ has, read: read(), reach, isWalled: process.ppid <= 2 }));`,
    );
    await new Promise((done) => server.listening || server.once('listening', done));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const seen = JSON.parse(textOf(await drawer.draw('acme', order(`${secret} ${port}`))));
    assert.deepEqual(seen.has, []);
    const works = spawnSync('/usr/bin/bwrap', [
      ...'--unshare-all --ro-bind / / --proc /proc --dev /dev'.split(' '),
      'true',
    ]);
    assert.equal(drawer.walls === 'bubblewrap', works.status === 0);
    assert.equal(seen.isWalled, works.status === 0);
    if (seen.isWalled) assert.deepEqual([seen.read, seen.reach], ['ENOENT', 'ECONNREFUSED']);
  } finally {
    delete process.env.VEDETTE_SECRET_OF_TEST;
    server.close();
    rmSync(secret);
  }
});
