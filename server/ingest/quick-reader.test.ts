import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { Run } from '../../sentinel/protocol/messages.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import { buildFailedRun, buildResult } from './build-run.ts';
import { canonical } from './content-hash.ts';
import { quickReader } from './quick-reader.ts';

/** Everything that a run can hold. */
const whole = buildFailedRun({
  monitorId: randomUUID(),
  clockOffsetMs: -5,
  reason: 'none',
  evidence: [{ kind: 'aria', sha256: 'cd'.repeat(32), bytes: 12, mediaType: 'text/plain' }],
  evidenceMissing: 'no picture',
  transactions: [
    buildResult({
      name: 'Öffnen 🛒',
      pageLoads: [{ url: 'https://shop.example/', startUs: 0, loadUs: 90_000, requests: 3, bytes: 5000, dnsUs: 900 }],
    }),
    buildResult({
      name: 'Login',
      error: { code: 'TIMEOUT', message: 'm', location: { file: 'a', line: 1, column: 2 } },
    }),
  ],
  page: {
    url: 'https://shop.example/',
    consoleErrors: ['boom'],
    failedRequests: [{ method: 'GET', url: '/', status: 500 }],
  },
  host: {
    cpu: 0.5,
    stallUs: 12,
    freeMemoryBytes: 1_000_000,
    network: { interface: true, server: false },
    browserAlive: true,
  },
  usage: { cpuUs: 800_000, peakMemoryBytes: 200_000_000 },
  deniedHosts: ['ads.example:443'],
  retriedBy: newRunId(1),
  retryOf: newRunId(2),
  requestId: randomUUID(),
});

/** What both say of a value as it would come off the wire. */
function compare<S extends z.ZodType>(schema: S, quick: ReturnType<typeof quickReader<S>>, sent: unknown): void {
  const [read, parsed] = [quick(sent), schema.safeParse(sent)];
  assert.equal(read !== undefined, parsed.success, `${JSON.stringify(sent)}: ${parsed.error?.message}`);
  if (!read) return;
  assert.deepEqual(JSON.parse(JSON.stringify(read.value)), JSON.parse(JSON.stringify(parsed.data)));
  assert.equal(read.isAll, canonical(sent) === canonical(parsed.data));
  if (read.isAll) assert.equal(JSON.stringify(read.value), canonical(sent));
}

/** A copy in which somewhere a value is another one, or missing, or there is one more. */
function altered(value: unknown, way: readonly number[], what: unknown): unknown {
  if (typeof value !== 'object' || value === null || way.length === 0) return what;
  const [step = 0, ...rest] = way;
  const keys = Object.keys(value);
  const key = keys[step % (keys.length + 1)];
  if (Array.isArray(value)) return value.toSpliced(step % (value.length + 1), 1, altered(value[step], rest, what));
  if (key === undefined) return { ...value, strange: what };
  const { [key]: old, ...others } = value as Record<string, unknown>;
  return rest.length === 0 && what === null ? others : { ...others, [key]: altered(old, rest, what) };
}

test('a run is read as its schema says, however it was altered', () => {
  const quick = quickReader(Run);
  compare(Run, quick, whole);
  assert.ok(quick(whole)?.isAll);
  const values = fc.oneof(
    fc.jsonValue(),
    fc.integer(),
    fc.constantFrom(
      null,
      -1,
      0,
      1,
      3,
      4,
      0.5,
      2 ** 53,
      Number.POSITIVE_INFINITY,
      '',
      'x'.repeat(501),
      'failed',
      {},
      [],
    ),
    fc.constant(JSON.parse('{"__proto__":{"id":1}}')),
  );
  const runs = Number(process.env.VEDETTE_LONG ? 30_000 : 600);
  const way = fc.array(fc.nat(40), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(way, values, way, values, (one, what, other, also) => {
      compare(Run, quick, altered(whole, one, what));
      compare(Run, quick, altered(altered(whole, one, what), other, also));
    }),
    { numRuns: runs },
  );
});

test('what it does not know of a schema it leaves to zod', () => {
  const schemas = [
    z.strictObject({ a: z.string() }),
    z.looseObject({ a: z.string() }),
    z.object({ a: z.email() }),
    z.object({ a: z.string().trim() }),
    z.object({ a: z.string().startsWith('x') }),
    z.object({ a: z.coerce.number() }),
    z.object({ a: z.string().default('x') }),
    z.object({ a: z.string().refine((text) => text.length % 2 === 0) }),
    z.object({ a: z.union([z.string(), z.int32()]) }),
    z.object({ a: z.array(z.string().nullable()).nonempty() }).refine(({ a }) => a[0] !== 'x'),
    z.array(z.number().multipleOf(2)).length(2),
    z.record(z.string(), z.boolean()),
  ];
  const values = ['x', 'xy', ' x ', 'a@b.example', 2, 2 ** 40, '7', null, ['x'], [null], [], undefined, true];
  for (const schema of schemas as z.ZodType[]) {
    const quick = quickReader(schema);
    for (const a of values) {
      for (const sent of [{ a }, { a, b: 1 }, [a, a], a]) {
        const [read, parsed] = [quick(sent), schema.safeParse(sent)];
        assert.equal(read !== undefined, parsed.success && parsed.data !== undefined);
        if (read) assert.deepEqual(JSON.parse(JSON.stringify(read.value)), JSON.parse(JSON.stringify(parsed.data)));
        if (read?.isAll) assert.equal(JSON.stringify(read.value), canonical(sent));
      }
    }
  }
});
