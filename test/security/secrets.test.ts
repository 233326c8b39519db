import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { apiPrefix, EnrolmentAnswer } from '../../sentinel/protocol/messages.ts';
import { addFactor, buildPerson, goodPassword } from '../../server/accounts/build-person.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { NewToken } from '../../server/accounts/shapes.ts';
import { addUser } from '../../server/accounts/users.ts';
import { pinnedAgent } from '../../server/build-client.ts';
import { askWith, sentinelHeaders } from '../../server/build-world.ts';
import { serverConfig } from '../../server/config.ts';
import { NewCode } from '../../server/enrolment/shapes.ts';
import { closeContext, openContext } from '../../server/http/context.ts';

/* A server that logs all it can, used by people, a sentinel and a program; then every secret they had is looked for. */

const program = resolve(import.meta.dirname, '../../server/cli.ts');

test('no secret stands in the log at its finest level, or unsealed in a database', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-secrets-'));
  const customerId = await prepared(folder);
  const server = await running(folder);
  const secrets = new Map<string, string>([['a password', goodPassword]]);
  try {
    await used(server.url, server.trust, customerId, secrets);
  } finally {
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
  }
  for (const [name, text] of keysIn(folder)) secrets.set(name, text);
  assert.ok(secrets.size >= 14, [...secrets.keys()].join());
  const databases = filesOf(folder, /\.sqlite(-wal)?$/).map((file) => readFileSync(file));
  assert.ok(server.log().includes('"path":"/api/v1/session"'), 'it was logged at all');
  for (const [name, secret] of secrets) {
    assert.ok(secret.length >= 8, name);
    assert.ok(!server.log().includes(secret), `${name} is in the log`);
    for (const bytes of databases) assert.ok(!bytes.includes(secret), `${name} is in a database`);
  }
  rmSync(folder, { recursive: true });
});

async function prepared(dataFolder: string): Promise<string> {
  const context = await openContext({ ...serverConfig({ dataFolder, logLevel: 'silent' }, {}), bcryptCost: 4 });
  const { id } = await addCustomer(context, 'Acme', { timeZone: 'UTC' });
  await addUser(context, { name: 'alice', role: 'admin', customerId: id, password: goodPassword });
  await closeContext(context);
  return id;
}

async function running(folder: string) {
  const args = [program, 'run', '--data', folder, '--port', '0', '--json', '--log-level', 'trace'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: {}, cwd: folder });
  let log = '';
  child.stderr.on('data', (data: Buffer) => {
    log += data;
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url, pins } = JSON.parse(String(line)) as { url: string; pins: string[] };
  const authority = readFileSync(join(folder, 'certs', 'authority.pem'), 'utf8');
  const [ca = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(authority) ?? [];
  return { child, url, trust: { ca, pins: new Set(pins) }, log: () => log };
}

/** Does what people, a sentinel and a program do, with every secret that comes of it noted in `secrets`. */
async function used(
  url: string,
  trust: { ca: string; pins: Set<string> },
  customerId: string,
  secrets: Map<string, string>,
) {
  const agent = pinnedAgent(trust);
  const ask = askWith(agent, url, {});
  const at = `/api/v1/customers/${customerId}`;
  const alice = buildPerson({ ask });
  secrets.set('a wrong password', 'wrong kettle runs south');
  await alice.signIn('alice', 'wrong kettle runs south');
  const session = await alice.signIn('alice');
  assert.equal(session.status, 200, session.text);
  const { recoveryCodes } = await addFactor(alice, Date.now);
  for (const [i, code] of recoveryCodes.slice(0, 2).entries()) secrets.set(`recovery code ${i}`, code);
  secrets.set('a session', alice.token());
  const made = NewCode.parse(
    (await alice.ask('POST', `${at}/enrolment-codes`, { body: { location: 'Utrecht' } })).json(),
  );
  secrets.set('an enrolment code', made.code);
  const body = { code: made.code, name: 'PC 1', platform: 'linux-x64', version: '0.1.0' };
  const enrolled = EnrolmentAnswer.parse((await ask('POST', `${apiPrefix}/enrolments`, { body })).json());
  secrets.set('an API key', enrolled.apiKey);
  const headers = sentinelHeaders(enrolled.sentinelId, enrolled.apiKey);
  assert.equal((await ask('GET', `${apiPrefix}/assignments`, { headers })).status, 200);
  const wish = { name: 'reader', scope: ['read'], lifeMs: 86_400_000 };
  const token = NewToken.parse((await alice.ask('POST', `${at}/tokens`, { body: wish })).json()).text;
  secrets.set('a token', token);
  const asked = await ask('GET', `${at}/monitors`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(asked.status, 200, asked.text);
  await ask('GET', `${at}/monitors?token=${token}`, {
    headers: { authorization: `Bearer ${token}x`, cookie: `a=${token}` },
  });
  await alice.ask('POST', '/api/v1/session/password', {
    body: { current: goodPassword, password: `${goodPassword} again` },
  });
  secrets.set('a new password', `${goodPassword} again`);
  agent.destroy();
}

/** A line of the inside of every private key, and the whole of those that are one line. */
function keysIn(folder: string): [string, string][] {
  const files = filesOf(folder, /(^|\/)([^/]*\.pem|password-key|master-key)$/);
  return files.flatMap((file): [string, string][] => {
    const text = readFileSync(file, 'utf8');
    if (!file.endsWith('.pem')) return [[file, text.trim()]];
    const inside = [...text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----\n([^\n]+)\n([^\n-]*)/g)];
    return inside.map(([, first = '', second = '']) => [file, second === '' ? first : second]);
  });
}

function filesOf(folder: string, name: RegExp): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => name.test(path));
}
