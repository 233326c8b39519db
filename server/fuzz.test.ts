import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc, { type Arbitrary } from 'fast-check';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { consoleApi, consoleApiPrefix, sentinelApi } from './app.ts';
import { arbitraryOf, odd } from './arbitrary-of.ts';
import { buildFullCustomer, type FullCustomer } from './build-full-customer.ts';
import { type Ask, buildWorld, type Question, type World } from './build-world.ts';
import type { DeclaredRoute, Documents } from './http/router.ts';

/*
 * Every route, sent what its own schemas ask for, what they nearly ask for, and what nobody would: about things that are
 * there, by those who may.
 */

const isLong = process.env.VEDETTE_LONG !== undefined;
const questions = isLong ? 10_000 : 250;
/** An answer that takes longer hangs (ms): a machine that is used by others holds up none for so long. */
const longestMs = 60_000;
/** Said on purpose, where there is no browser. */
const expected = ['NO_BROWSER'];

/** Of an address that is another than the route's, or none. */
const anywhere = ['NOT_FOUND', 'REQUEST_REFUSED'];

const verbs = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const;
const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let world: World;
let acme: FullCustomer;
/** By the beginning of the route's permission, else the customer's admin. */
let askers: { admin: Ask; operator: Ask; sentinel: Ask };
let words: string[];

before(async () => {
  world = await buildWorld();
  acme = await buildFullCustomer(world, 'Acme', 'mark');
  const { customerId } = acme.ids;
  askers = {
    admin: await world.signedIn('alice', customerId, 'admin'),
    operator: await world.signedIn('otto', null, 'operator-admin'),
    // Its own, since that of the address is revoked on the way.
    sentinel: (await world.enrolled(customerId)).ask,
  };
  words = [
    ...Object.values(acme.ids),
    ...['Acme', 'alice', 'mark', 'mark shop', 'mark.spec.ts', 'home.spec.ts', 'shop', 'read', 'Utrecht', ''],
    ...['*/5 * * * *', '0 0 31 2 *', '08:00', 'Europe/Amsterdam', 'UTC', 'https://shop.example/', 'shop.example'],
    ...['2026-10', '2026-Q4', '2026-02-30', '9999-12-31..9999-12-31', 'csv', 'xlsx', 'day', 'constructor', '__proto__'],
    "import { test } from '@playwright/test';\ntest('Home', () => {});",
  ];
});
after(async () => world[Symbol.asyncDispose]());

function routes(): DeclaredRoute[] {
  const all = [...consoleApi(world.context), ...sentinelApi(world.context)].flatMap(({ declared }) => declared);
  return all.filter(({ method, path }) => !(method === 'delete' && path === '/session')); // else nobody is signed in any more
}

interface Asked {
  route: DeclaredRoute;
  path: string;
  question: Question;
}

function asked(route: DeclaredRoute): Arbitrary<Asked> {
  return fc.record({ route: fc.constant(route), path: pathOf(route), question: questionOf(route.documents, route) });
}

/** What is there, or anything that can be written in an address. */
function pathOf({ path, permission, documents }: DeclaredRoute): Arbitrary<string> {
  const prefix = permission === 'be a sentinel' || path === '/enrolments' ? apiPrefix : consoleApiPrefix;
  const parts = path.split('/').map((part): Arbitrary<string> => {
    if (!part.startsWith(':')) return fc.constant(part);
    const there = fc.constant(acme.ids[part.slice(1)] ?? '01890000-0000-7000-8000-000000000000');
    const anything = odd.map((value) => encodeURIComponent(textOf(value)));
    return part === ':customerId'
      ? there
      : fc.oneof({ weight: 8, arbitrary: there }, { weight: 1, arbitrary: anything });
  });
  const query = documents.query
    ? arbitraryOf(documents.query, words).map((value) => new URLSearchParams(pairsOf(value)).toString())
    : fc.constant('');
  return fc.tuple(fc.tuple(...parts), query).map(([names, search]) => `${prefix}${names.join('/')}?${search}`);
}

function pairsOf(value: unknown): [string, string][] {
  const isNamed = typeof value === 'object' && value !== null;
  return isNamed ? Object.entries(value).map(([name, one]) => [name, textOf(one)]) : [['before', textOf(value)]];
}

function questionOf({ body }: Documents, { method }: DeclaredRoute): Arbitrary<Question> {
  if (method === 'get' || !body) return fc.constant({});
  if (body.schema)
    return fc
      .oneof({ weight: 12, arbitrary: arbitraryOf(body.schema, words) }, odd)
      .map((sent) => ({ body: sent ?? null }));
  const bytes = fc.oneof(fc.constant(onePixel), fc.uint8Array({ maxLength: 300 }), damaged(onePixel));
  return bytes.map((sent) => ({ body: sent, headers: { 'content-type': 'image/png' } }));
}

function damaged(whole: Buffer): Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.nat(whole.length - 1), fc.nat(255))
    .map(([at, byte]) => Uint8Array.from(whole).fill(byte, at, at + 1));
}

/** Half of a pair can't be written in an address at all. */
function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed();
}

async function answerOf({ route, path, question }: Asked) {
  const { permission } = route;
  const isProvider = /(all|add|enter) customers|provider|operators/.test(permission);
  const ask = permission === 'be a sentinel' ? askers.sentinel : isProvider ? askers.operator : askers.admin;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer')), longestMs);
  try {
    return await Promise.race([ask(verbs[route.method], path, question), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

test('no address answers whatever it is sent with a fault of its own, hangs, or keeps memory', async () => {
  const taken = new Set<DeclaredRoute>();
  const untold = new Set<string>();
  let [count, begin] = [0, 0];
  const all = routes();
  await fc.assert(
    fc.asyncProperty(fc.oneof(...all.map(asked)), async (one) => {
      const { status, text, code = '' } = await answerOf(one);
      const what = `${verbs[one.route.method]} ${one.path} ${JSON.stringify(one.question.body)?.slice(0, 2000)}`;
      assert.ok(status < 500 || expected.includes(code), `${what}: ${status} ${text}`);
      const told = one.route.documents.others?.[status] ?? [];
      if (code !== '' && !anywhere.includes(code) && !told.includes(code))
        untold.add(`${verbs[one.route.method]} ${one.route.path}: ${status} ${code}`);
      if (status < 300) taken.add(one.route);
      if (++count === questions / 5) begin = process.memoryUsage().rss;
    }),
    { numRuns: questions, ...(isLong && { endOnFailure: true }) },
  );
  assert.deepEqual([...untold], [], 'all that is refused stands in the document');
  assert.ok(taken.size > 20, `only ${taken.size} of ${all.length} routes took anything`);
  if (isLong) assert.ok(process.memoryUsage().rss - begin < 200 * 2 ** 20, 'memory does not grow with questions');
});
