import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { AuditRow } from '../../db/audit-table.ts';
import type { CustomerId } from '../../db/customers.ts';
import { type Ask, buildWorld, type World } from '../build-world.ts';
import { MonitorsAnswer } from '../reports/shapes.ts';
import { buildSecondServer } from './build-second-server.ts';
import { findCustomer } from './customers.ts';
import { NewToken, Session, TokensAnswer } from './shapes.ts';
import { resumeCustomer, suspendCustomer } from './suspend.ts';
import { isTokenText, newTokenText } from './token-text.ts';
import { addToken } from './tokens.ts';
import { addUser } from './users.ts';

/* One world for all: Ada of Acme makes tokens, and programs ask with them. */

let world: World;
let acme: CustomerId;
let bolt: CustomerId;
let ada: Ask;
const dayMs = 86_400_000;

before(async () => {
  world = await buildWorld();
  [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  ada = await world.signedIn('ada', acme, 'admin');
});
after(async () => world[Symbol.asyncDispose]());

const at = (below: string, customer = acme) => `/api/v1/customers/${customer}${below}`;
const make = async (wish: object = {}) =>
  NewToken.parse((await ada('POST', at('/tokens'), { body: { name: 'metrics', scope: ['read'], ...wish } })).json());
const tokens = async () => TokensAnswer.parse((await ada('GET', at('/tokens'))).json()).tokens;
const withToken =
  (text: string): Ask =>
  (method, path, question = {}) =>
    world.ask(method, path, { ...question, headers: { authorization: `Bearer ${text}`, ...question.headers } });

test('a program reads with a token, without cookie or CSRF token, and its last use is shown', async () => {
  const made = await make();
  assert.match(made.text, /^vdt_[0-9a-f]{72}$/);
  assert.ok(made.text.startsWith(made.start));
  assert.equal(made.expiresAt - made.addedAt, 90 * dayMs, 'unless said otherwise');
  const program = withToken(made.text);
  assert.equal((await program('GET', at('/monitors'))).status, 200);
  const [listed] = await tokens();
  assert.deepEqual([listed?.name, listed?.scope, listed?.addedBy], ['metrics', ['read'], 'ada']);
  assert.ok((listed?.lastUsedAt ?? 0) >= made.addedAt);
  assert.match(listed?.lastUsedFrom ?? '', /127\.0\.0\.1/);
});

test('a token changes what its scope says, as itself in the audit trail, and nothing else', async () => {
  const program = withToken((await make({ name: 'roll-out', scope: ['change sentinels'] })).text);
  const body = { location: 'Utrecht', uses: 1, lifeMs: 3_600_000 };
  assert.equal((await program('POST', at('/enrolment-codes'), { body })).status, 200);
  const last = await world.context.customers.use(acme, (db) => db<AuditRow>('audit').orderBy('id', 'desc').first());
  assert.deepEqual([last?.action, last?.actor_kind, last?.actor_name], ['enrolment-code-added', 'token', 'roll-out']);
  const refused = await program('GET', at('/monitors'));
  assert.deepEqual([refused.status, refused.code], [403, 'SCOPE']);
  assert.match(refused.text, /make one whose scope has \\"read\\"/);
  assert.match(String(refused.headers['www-authenticate']), /insufficient_scope/);
  for (const path of ['/tokens', '/entry'])
    assert.ok((await program('POST', at(path), { body: {} })).status > 400, path);
  assert.equal((await program('GET', '/api/v1/session')).code, 'SCOPE');
  assert.equal((await program('GET', '/api/v1/customers')).code, 'NOT_FOUND');
});

test('who gets in, longer than a year and nothing at all are no scope and no life of a token', async () => {
  for (const wish of [
    { scope: ['manage tokens'] },
    { scope: ['manage users'] },
    { scope: [] },
    { lifeMs: 366 * dayMs },
  ]) {
    const body = { name: 'x', scope: ['read'], ...wish };
    assert.equal((await ada('POST', at('/tokens'), { body })).code, 'BODY_INVALID', JSON.stringify(wish));
  }
});

test("another customer's addresses do not exist for a token, nor its tokens for another customer's administrator", async () => {
  const { id, text } = await make();
  const theirs = await withToken(text)('GET', at('/monitors', bolt));
  const none = await withToken(text)('GET', at('/monitors', 'b34e7c44-0000-4000-8000-000000000000' as CustomerId));
  assert.deepEqual([theirs.status, theirs.text], [404, none.text]);
  const carla = await world.signedIn('carla', bolt, 'admin');
  assert.equal((await carla('DELETE', at(`/tokens/${id}`, bolt))).status, 404);
  assert.equal((await carla('DELETE', at(`/tokens/${id}`))).status, 404);
  assert.equal((await withToken(text)('GET', at('/monitors'))).status, 200);
});

test('a wrong token, a cut one and one beside a good cookie are refused, and how to come in is said', async () => {
  const { text } = await make();
  const wrong = [newTokenText(), text.slice(0, -1), `${text}0`, '', 'x', text.toUpperCase()];
  for (const one of wrong) {
    const refused = await ada('GET', at('/monitors'), { headers: { authorization: `Bearer ${one}` } });
    assert.deepEqual([refused.status, refused.code], [401, 'TOKEN_UNKNOWN'], one);
    assert.match(String(refused.headers['www-authenticate']), /^Bearer realm="vedette", error="invalid_token"$/);
  }
  assert.equal((await ada('GET', at('/monitors'), { headers: { authorization: 'Basic YTpi' } })).status, 401);
  assert.equal((await world.ask('GET', at('/monitors'))).headers['www-authenticate'], 'Bearer realm="vedette"');
});

test('a mistyped token is known as such without looking it up', () => {
  const text = newTokenText();
  assert.ok(isTokenText(text));
  for (let i = 0; i < text.length; i++) {
    const digit = text[i] === '7' ? '8' : '7';
    assert.ok(!isTokenText(text.slice(0, i) + digit + text.slice(i + 1)), `digit ${i}`);
  }
});

test('a token ends when it is revoked, at once in other processes too, and when its time is over', async () => {
  const [revoked, expired] = [await make(), await make({ lifeMs: 60_000 })];
  assert.equal((await ada('DELETE', at(`/tokens/${revoked.id}`))).status, 204);
  const answer = await withToken(revoked.text)('GET', at('/monitors'));
  assert.deepEqual([answer.status, answer.code], [401, 'TOKEN_ENDED']);
  assert.match(answer.text, /was revoked/);
  assert.equal((await withToken(expired.text)('GET', at('/monitors'))).status, 200);
  world.advance(60_000);
  assert.match((await withToken(expired.text)('GET', at('/monitors'))).text, /TOKEN_ENDED.*has expired/);
});

test('what ends in one server has ended in another at its next request: tokens, grants, sessions', async () => {
  await using other = await buildSecondServer(world);
  const there = async (headers: Record<string, string>) =>
    (await other.ask('GET', at('/monitors'), { headers })).status;
  const { id, text } = await make();
  const authorization = `Bearer ${text}`;
  assert.equal(await there({ authorization }), 200);
  await ada('DELETE', at(`/tokens/${id}`));
  assert.equal(await there({ authorization }), 401);

  const { password } = await addUser(world.context, { name: 'olga', role: 'operator', customerId: null });
  const answer = await world.ask('POST', '/api/v1/session', { body: { name: 'olga', password } });
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const headers = { cookie, 'x-csrf-token': Session.parse(answer.json()).csrfToken };
  await world.ask('POST', at('/entry'), { headers, body: { reason: 'two servers' } });
  assert.equal(await there({ cookie }), 200);
  await world.ask('DELETE', at('/entry'), { headers });
  assert.equal(await there({ cookie }), 404);
  await world.ask('DELETE', '/api/v1/session', { headers });
  assert.equal(await there({ cookie }), 401);
});

test('the line of the page about the server asks with a token', async () => {
  const page = readFileSync(new URL('../../docs/server.md', import.meta.url), 'utf8');
  const [line = ''] = /^curl [\s\S]*?(?=\n```)/m.exec(page) ?? [];
  const { dataFolder, authority } = world.context;
  writeFileSync(join(dataFolder, 'vedette-authority.pem'), authority.caPem);
  const shell = line.replace('https://vedette.example', world.server.url);
  assert.notEqual(shell, line);
  const env = { PATH: process.env.PATH ?? '', TOKEN: (await make()).text, CUSTOMER: acme };
  const { stdout } = await promisify(execFile)('sh', ['-c', shell], { cwd: dataFolder, env });
  assert.deepEqual(MonitorsAnswer.parse(JSON.parse(stdout)).monitors, []);
});

test('a token has no more than its maker has, and one of the command line goes on without', async () => {
  const { registry } = world.context;
  const program = withToken((await make({ scope: ['read', 'change sentinels'] })).text);
  const body = { location: 'Utrecht', uses: 1, lifeMs: 3_600_000 };
  const wish = { name: 'kept', scope: ['read' as const], lifeMs: dayMs };
  const ofServer = withToken((await addToken(world.context, acme, wish, { kind: 'server' })).text);
  await registry('users').where({ name: 'ada' }).update({ role: 'viewer' });
  assert.equal((await program('GET', at('/monitors'))).status, 200);
  assert.match((await program('POST', at('/enrolment-codes'), { body })).text, /SCOPE.*may not do it any more/);
  await registry('users').where({ name: 'ada' }).update({ role: 'admin', disabled_at: 1 });
  assert.match((await program('GET', at('/monitors'))).text, /TOKEN_ENDED.*let in no more/);
  await registry('users').where({ name: 'ada' }).update({ disabled_at: null });
  assert.equal((await ofServer('GET', at('/monitors'))).status, 200);
});

test("a suspended customer's tokens are refused as its users are", async () => {
  const program = withToken((await make()).text);
  const customer = await findCustomer(world.context, 'Acme');
  await suspendCustomer(world.context, customer);
  assert.equal((await program('GET', at('/monitors'))).code, 'CUSTOMER_SUSPENDED');
  await resumeCustomer(world.context, customer);
  assert.equal((await program('GET', at('/monitors'))).status, 200);
});

test('no token is kept as it is', async () => {
  const { text } = await make();
  const { registry, customers } = world.context;
  const kept = [await registry('tokens'), await registry('audit'), await customers.use(acme, (db) => db('audit'))];
  assert.ok(!JSON.stringify(kept).includes(text));
  assert.ok(!(await ada('GET', at('/tokens'))).text.includes(text));
});
