import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Drawn, openDrawer } from './draw-apart.ts';

const folder = mkdtempSync(join(tmpdir(), 'vedette-drawer-'));
after(() => rmSync(folder, { recursive: true }));
const within = { width: 10, height: 10 };
const order = (text: string) => ({ content: Buffer.from(text), within });

/** A drawer whose process answers an order by `code`, which has the order's text. */
function drawerThat(name: string, code: string) {
  const program = join(folder, `${name}.mjs`);
  const told = 'const tell = (text) => process.send({ content: Buffer.from(String(text)), width: 1, height: 1 });';
  const begin = "process.on('disconnect', () => process.exit());";
  writeFileSync(
    program,
    `${begin}\n${told}\nprocess.on('message', async ({ content }) => { const text = Buffer.from(content).toString(); ${code} });
     process.send('ready');`,
  );
  return openDrawer(program);
}

const textOf = (drawn: Drawn) => ('refused' in drawn ? drawn.refused : Buffer.from(drawn.content).toString());

test('a picture over which the process dies is refused, and the next is drawn', async () => {
  const drawer = drawerThat('dies', "if (text === 'deadly') process.kill(process.pid, 'SIGKILL'); else tell(text);");
  const asked = ['first', 'deadly', 'second', 'third'].map(async (text) => textOf(await drawer.draw(order(text))));
  assert.deepEqual(await Promise.all(asked), ['first', 'the process that draws it died of it', 'second', 'third']);
});

test('one that was killed for no fault of the picture draws it in another process', async () => {
  const flaky = drawerThat(
    'flaky',
    `const { existsSync, writeFileSync } = await import('node:fs');
     globalThis.count = (globalThis.count ?? 0) + 1;
     if (text === 'again' && globalThis.count > 1) process.kill(process.pid, 'SIGKILL'); else tell(globalThis.count);`,
  );
  assert.equal(textOf(await flaky.draw(order('once'))), '1');
  assert.equal(textOf(await flaky.draw(order('again'))), '1', 'in one that was begun anew');
});

test('where it can not be begun that is not said of the picture', async () => {
  await assert.rejects(openDrawer(join(folder, 'there is none.mjs')).draw(order('')), /no process can be begun/);
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
    const seen = JSON.parse(textOf(await drawer.draw(order(`${secret} ${port}`))));
    assert.deepEqual(seen.has, []);
    if (seen.isWalled) assert.deepEqual([seen.read, seen.reach], ['ENOENT', 'ECONNREFUSED']);
  } finally {
    delete process.env.VEDETTE_SECRET_OF_TEST;
    server.close();
    rmSync(secret);
  }
});
