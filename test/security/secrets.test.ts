import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Secret as OtpSecret } from 'otpauth';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { testDatabase } from '../../db/test-database.ts';
import { createKey, openKey } from '../../scripts-library/keys/key-file.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { Vault } from '../../sentinel/vault.ts';
import { addFactor, buildPerson, goodPassword } from '../../server/accounts/build-person.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { NewToken } from '../../server/accounts/shapes.ts';
import { addUser } from '../../server/accounts/users.ts';
import { makeArchiveKey } from '../../server/archive/keys.ts';
import { addAuthorKey } from '../../server/assignments/author-keys.ts';
import { addMonitor } from '../../server/assignments/monitors.ts';
import { publish } from '../../server/assignments/publish.ts';
import { commandLine } from '../../server/audit/audit.ts';
import { pinnedAgent } from '../../server/build-client.ts';
import { askWith } from '../../server/build-world.ts';
import { serverConfig } from '../../server/config.ts';
import { addressOf, dropDatabase } from '../../server/databases/customer-database.ts';
import { NewCode } from '../../server/enrolment/shapes.ts';
import { openContext, type ServerContext } from '../../server/http/context.ts';
import { startProgram } from '../faults/program.ts';
import { until } from '../faults/until.ts';
import { mariaDb } from '../mariadb.ts';
import { everyForm, leaks, type Secret } from './every-form.ts';

/* A server that logs all it can, used by people, a program and a real sentinel; then every secret they had is looked for. */

const program = resolve(import.meta.dirname, '../../server/cli.ts');
/** What a script of the customer's tells in its error, and prints. */
const vaultValue = 'sencha & kettle 5150/+';
const script = `import { test } from '@playwright/test';
test('Shop', async ({ request }) => {
  console.log(process.env.SHOP_PASSWORD);
  throw new Error('it was refused: ' + process.env.SHOP_PASSWORD);
});`;
const passphrase = 'orange ladder reads slowly';
/** What is a key, or holds one sealed: everything else in the data folder is looked through. */
const keyFiles = /(^|\/)(certs\/.*|[^/]*\.pem|password-key|master-key)$/;

test('no secret stands in a log at its finest level, in a file, or unsealed in a database, in whatever form', async () => {
  await using place = await testDatabase();
  const home = mkdtempSync(join(tmpdir(), 'vedette-secrets-'));
  const secrets: Secret[] = [];
  const customerId = await prepared(place, secrets);
  const server = await running(place);
  let sentinelsLog = '';
  try {
    const code = await used(server, customerId, secrets);
    sentinelsLog = await sentinelAtWork(server, { home, code, customerId }, place, secrets);
  } finally {
    server.child.kill('SIGTERM');
    await once(server.child, 'exit');
  }
  secrets.push(...keysIn(place.folder));
  const tables = await afterwards(place, secrets);
  const kinds = new Set(secrets.map(([name]) => name.replace(/ \d+$/, '')));
  for (const kind of expectedKinds(place)) assert.ok(kinds.has(kind), `no ${kind} was used`);
  for (const [name, value] of secrets) assert.ok(value.length >= 8, name);

  assert.ok(server.log().includes('"path":"/api/v1/session"'), 'it was logged at all');
  const places = new Map([
    ...[...filesOf(place.folder)].filter(([name]) => !keyFiles.test(name)),
    ...([
      ['the log', Buffer.from(server.log())],
      ['the log of the sentinel', Buffer.from(sentinelsLog)],
    ] as const),
    ...filesOf(home),
    ...tables,
  ]);
  const [, password] = secrets.find(([name]) => name === 'a password') ?? assert.fail();
  assert.ok(
    leaks([['a password', password]], new Map([['here', everyForm(password).at(-1) ?? Buffer.alloc(0)]])).length,
    'it is found where it is',
  );
  assert.deepEqual(leaks(secrets, places), []);
  rmSync(home, { recursive: true });
});

type Place = Awaited<ReturnType<typeof testDatabase>>;

/** What is to be among the secrets: a kind that is added to the server is added here. */
function expectedKinds({ url }: Place): string[] {
  return [
    ...['a password', 'a wrong password', 'a new password', 'a password by a link', 'a link', 'a session', 'a browser'],
    ...['a second factor', 'bytes of a second factor', 'a recovery code', 'an enrolment code', 'an API key', 'a token'],
    ...['a value of the vault', "an author's passphrase", "an author's key", 'an identity of the archive'],
    ...['authority.pem', 'audit-key.pem', 'script-key.pem', 'password-key', 'master-key'],
    ...(url === undefined ? [] : ["a customer's database password", "the registry's password"]),
  ];
}

function opened({ folder: dataFolder, url }: Place): Promise<ServerContext> {
  const config = serverConfig({ dataFolder, databaseUrl: url, logLevel: 'silent' }, {});
  return openContext({ ...config, bcryptCost: 4 });
}

async function prepared(place: Place, secrets: Secret[]): Promise<CustomerId> {
  await using context = await opened(place);
  const customer = await addCustomer(context, 'Acme', { timeZone: 'UTC' });
  const { id } = customer;
  await addUser(context, { name: 'alice', role: 'admin', customerId: id, password: goodPassword });
  secrets.push(['a password', goodPassword]);
  await publish(context, id, { script: { name: 'shop.spec.ts', source: script }, author: 'alice' });
  await addMonitor(context, id, { name: 'Shop', script: 'shop.spec.ts', everyMs: 60_000, use: {} });
  const { identity } = await makeArchiveKey(context, customer, { name: 'safe', keepCopy: true }, commandLine);
  secrets.push(['an identity of the archive', identity]);
  const file = join(place.folder, 'author', 'author-key.json');
  const key = createKey(file, passphrase);
  await addAuthorKey(context, id, { ...key, name: 'alice' }, commandLine);
  secrets.push(["an author's passphrase", passphrase]);
  secrets.push([
    "an author's key",
    scalarOf(openKey(file, passphrase).privateKey.export({ type: 'pkcs8', format: 'pem' })),
  ]);
  return id;
}

async function running({ folder, url: database }: Place) {
  const args = [program, 'run', '--data', folder, '--port', '0', '--json', '--log-level', 'trace'];
  const env = database === undefined ? {} : { VEDETTE_DATABASE_URL: database };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env, cwd: folder });
  let log = '';
  child.stderr.on('data', (data: Buffer) => {
    log += data;
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const { url, pins } = JSON.parse(String(line)) as { url: string; pins: string[] };
  const authority = readFileSync(join(folder, 'certs', 'authority.pem'), 'utf8');
  const [ca = ''] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(authority) ?? [];
  return { child, url, pins, trust: { ca, pins: new Set(pins) }, log: () => log };
}

type Running = Awaited<ReturnType<typeof running>>;

/** Does what people and a program do, with every secret that comes of it; returns an enrolment code. */
async function used({ url, trust }: Running, customerId: CustomerId, secrets: Secret[]): Promise<string> {
  const agent = pinnedAgent(trust);
  const ask = askWith(agent, url, {});
  const at = `/api/v1/customers/${customerId}`;
  const alice = buildPerson({ ask });
  secrets.push(['a wrong password', 'wrong kettle runs south']);
  await alice.signIn('alice', 'wrong kettle runs south');
  const session = await alice.signIn('alice');
  assert.equal(session.status, 200, session.text);
  secrets.push(['a session', alice.token()]);
  const [, device = ''] = /__Host-vedette-device=([^;]+)/.exec(String(session.headers['set-cookie'])) ?? [];
  secrets.push(['a browser', device]);
  const { recoveryCodes, secret } = await addFactor(alice, Date.now);
  secrets.push(
    ['a second factor', secret],
    ['bytes of a second factor', Buffer.from(OtpSecret.fromBase32(secret).bytes)],
  );
  for (const [i, code] of recoveryCodes.slice(0, 2).entries()) secrets.push([`a recovery code ${i}`, code]);
  secrets.push(['a session', alice.token()]);

  const wish = { name: 'reader', scope: ['read'], lifeMs: 86_400_000 };
  const token = NewToken.parse((await alice.ask('POST', `${at}/tokens`, { body: wish })).json()).text;
  secrets.push(['a token', token]);
  const asked = await ask('GET', `${at}/monitors`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(asked.status, 200, asked.text);
  const headers = { authorization: `Bearer ${token}x`, cookie: `a=${token}`, referer: `${url}/?${token}` };
  await ask('GET', `${at}/monitors?token=${token}`, { headers });

  const invited = await alice.ask('POST', `${at}/users`, { body: { name: 'bob', role: 'viewer' } });
  const link = (invited.json() as { path: string }).path.replace('/password#', '');
  secrets.push(['a link', link], ['a password by a link', `${goodPassword} of bob`]);
  await ask('POST', '/api/v1/links/look', { body: { token: link } });
  const chosen = await ask('POST', '/api/v1/links/use', { body: { token: link, password: `${goodPassword} of bob` } });
  assert.equal(chosen.status, 204, chosen.text);

  const body = { current: goodPassword, password: `${goodPassword} again` };
  assert.equal((await alice.ask('POST', '/api/v1/session/password', { body })).status, 200);
  secrets.push(['a new password', body.password], ['a session', alice.token()]);
  const made = await alice.ask('POST', `${at}/enrolment-codes`, { body: { location: 'Utrecht' } });
  const { code } = NewCode.parse(made.json());
  secrets.push(['an enrolment code', code]);
  agent.destroy();
  return code;
}

/** A sentinel runs the script until a run of it is here; returns what it printed. */
async function sentinelAtWork(
  { url, pins }: Running,
  { home, code, customerId }: { home: string; code: string; customerId: CustomerId },
  place: Place,
  secrets: Secret[],
): Promise<string> {
  await enrol({ server: url, pin: pins[0] ?? '', code, name: 'Desk', home }, new AbortController().signal);
  const vault = new Vault(home);
  vault.setSecret('SHOP_PASSWORD', vaultValue);
  secrets.push(['a value of the vault', vaultValue], ['an API key', vault.apiKey() ?? '']);
  await using context = await opened(place);
  const error = () => context.customers.use(customerId, (db) => db('runs').whereNot({ outcome: 'skipped' }).first());
  const command = ['sentinel/cli.ts', '--home', home, 'run', '--allow-root'];
  const sentinel = await startProgram({ command, folder: home });
  try {
    await until('a run is here', async () => (await error()) !== undefined, { tell: () => sentinel.lastWords() });
  } finally {
    await sentinel.kill();
  }
  assert.match((await error())?.error_message, /it was refused: /);
  return sentinel.lastWords();
}

/** Passwords of databases, now that all are known, and what stands in them where they are no files. */
async function afterwards(place: Place, secrets: Secret[]): Promise<Map<string, Buffer>> {
  if (place.url === undefined) return new Map();
  await using context = await opened(place);
  secrets.push(["the registry's password", new URL(place.url).password]);
  const rows = await context.registry<CustomerRow>('customers');
  const schemas = [new URL(place.url).pathname.slice(1)];
  for (const row of rows) {
    const address = await addressOf(context, row);
    assert.ok(typeof address !== 'string' && address.password);
    secrets.push(["a customer's database password", address.password]);
    schemas.push(address.database ?? '');
  }
  const { sql } = await mariaDb();
  const tables = new Map<string, Buffer>();
  for (const schema of schemas) {
    const names = await sql(`select table_name from information_schema.tables where table_schema = '${schema}'`);
    for (const name of names.trim().split('\n')) {
      tables.set(`${schema}.${name}`, Buffer.from(await sql(`select * from ${schema}.${name}`)));
    }
  }
  assert.ok(tables.size > 20, [...tables.keys()].join());
  for (const row of rows) await dropDatabase(context, row);
  return tables;
}

/** What makes each key of the folder: of a private one its scalar, of others their bytes. */
function keysIn(folder: string): Secret[] {
  return [...filesOf(folder)].flatMap(([path, content]): Secret[] => {
    const name = path.split('/').at(-1) ?? '';
    if (!keyFiles.test(path)) return [];
    const text = content.toString();
    if (!path.endsWith('.pem'))
      return text
        .trim()
        .split('\n')
        .map((line) => [name, Buffer.from(line, 'base64')]);
    const inside = [...text.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g)];
    return inside.map(([pem]) => [name, scalarOf(pem)]);
  });
}

function scalarOf(pem: string | Buffer): Buffer {
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  assert.ok(d.length > 40);
  return Buffer.from(d, 'base64url');
}

function filesOf(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path, readFileSync(path)]));
}
