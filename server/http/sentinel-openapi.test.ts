import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { z } from 'zod';
import { Assignments, apiPrefix } from '../../sentinel/protocol/messages.ts';
import { addMonitor } from '../assignments/monitors.ts';
import { publish } from '../assignments/publish.ts';
import { type Answer, buildWorld, sentinelHeaders } from '../build-world.ts';
import { addEnrolmentCode } from '../enrolment/codes.ts';
import { buildRun } from '../ingest/build-run.ts';

const source = `import { test } from '@playwright/test';
test('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;

interface Header {
  schema: object;
}
interface Body {
  $ref?: string;
  content?: Record<string, { schema: { format?: string } }>;
  headers?: Record<string, Header>;
}
interface Operation {
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: Body;
  responses: Record<string, Body>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Body> };
}

/** A question as it was sent, its call named as in the document, and what came of it. */
interface Exchange {
  call: string;
  headers: Record<string, string>;
  body?: unknown;
  answer: Answer;
}

async function buildExchanges() {
  const world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  await publish(world.context, customerId, { script: { name: 'home.spec.ts', source }, author: 'test' });
  const wishes = { name: 'Home', script: 'home.spec.ts', everyMs: 60_000 };
  const monitorId = await addMonitor(world.context, customerId, wishes);
  const sentinel = await world.enrolled(customerId);
  const exchanges: Exchange[] = [];
  const identity = sentinelHeaders(sentinel.id, sentinel.apiKey);
  const ask = async (
    call: string,
    question: { body?: unknown; headers?: Record<string, string> } = {},
    at?: string,
  ) => {
    const [verb = '', path = ''] = call.split(' ');
    const own = path === '/enrolments' ? {} : identity;
    const headers = { 'content-type': 'application/json', ...own, ...question.headers };
    const asked = { ...question, headers };
    const answer = await world.ask(verb as 'GET', apiPrefix + (at ?? path), asked);
    exchanges.push({ call, ...asked, answer });
    return answer;
  };
  return { world, customerId, monitorId, ask, exchanges, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test('every call of a sentinel, taken and refused, is as the OpenAPI document says', async () => {
  await using made = await buildExchanges();
  const { world, customerId, monitorId, ask, exchanges } = made;

  const code = await addEnrolmentCode(world.context, customerId, { location: 'Utrecht' });
  const device = { code, name: 'Door', platform: 'esp32', version: '1' };
  await ask('POST /enrolments', { body: device });
  await ask('POST /enrolments', { body: device }); // used up
  await ask('POST /enrolments', { body: { ...device, code: 'nonsense' } });

  const first = await ask('GET /assignments');
  await ask('GET /assignments', { headers: { 'if-none-match': String(first.headers.etag) } });
  const [assignment] = Assignments.parse(first.json()).assignments;
  const { bundleSha256 } = JSON.parse(assignment?.script.statement ?? '{}') as { bundleSha256: string };
  await ask('GET /scripts/{sha256}', {}, `/scripts/${bundleSha256}`);
  await ask('GET /scripts/{sha256}', {}, `/scripts/${'0'.repeat(64)}`);

  const aria = Buffer.from('- heading "Out of order"\n');
  const sha256 = createHash('sha256').update(aria).digest('hex');
  const evidence = [{ kind: 'aria' as const, sha256, bytes: aria.length, mediaType: 'text/yaml' }];
  const failed = { ...buildRun({ monitorId, scriptSha256: bundleSha256 }), evidence };
  await ask('PUT /evidence/{sha256}', { body: aria, headers: { 'content-type': 'text/yaml' } }, `/evidence/${sha256}`);
  await ask('POST /runs', { body: { runs: [failed] } });
  await ask('POST /runs', { body: failed });
  await ask('PUT /evidence/{sha256}', { body: aria, headers: { 'content-type': 'text/yaml' } }, `/evidence/${sha256}`);
  await ask('POST /runs', { body: { runs: [] } });
  await ask('POST /runs', { body: failed, headers: { 'content-encoding': 'br' } });
  await ask('POST /runs', { body: failed, headers: { authorization: 'Bearer nobody-knows-this-key' } });

  const spool = { runs: 0, rejected: 0, dropped: 0 };
  await ask('POST /heartbeats', { body: { version: '1', platform: 'esp32', spool, sandboxLevel: 1, problems: [] } });
  await ask('POST /heartbeats', { body: Buffer.alloc(600_000, ' ') });
  await ask('DELETE /sentinel');

  const document = (await world.ask('GET', `${apiPrefix}/openapi.json`)).json() as Document;
  assert.equal(document.openapi, '3.1.0');
  for (const exchange of exchanges) fits(document, exchange);
  const calls = Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
  );
  assert.deepEqual(calls.sort(), [...new Set(exchanges.map(({ call }) => call))].sort(), 'every call was made');
  const statuses = [...new Set(exchanges.map(({ answer }) => answer.status))].sort();
  assert.deepEqual(statuses, [200, 204, 304, 400, 401, 403, 404, 413, 415]);
});

function fits({ paths, components }: Document, { call, headers, body, answer }: Exchange): void {
  const [verb = '', path = ''] = call.split(' ');
  const operation = paths[path]?.[verb.toLowerCase()];
  assert.ok(operation, `${call} is in the document`);
  const what = `${call} → ${answer.status}`;
  for (const { name, required, schema } of operation.parameters.filter((parameter) => parameter.in === 'header')) {
    if (required || (answer.status < 400 && headers[name] !== undefined)) matches(schema, headers[name], what + name);
  }
  if (answer.status < 400 && body !== undefined) matchesContent(operation.requestBody, undefined, body, what);
  const said = operation.responses[answer.status];
  const response = said?.$ref === undefined ? said : components.responses[said.$ref.split('/').at(-1) ?? ''];
  assert.ok(response, `${what} is in the document`);
  for (const [name, { schema }] of Object.entries(response.headers ?? {})) matches(schema, answer.headers[name], name);
  if (response.content) matchesContent(response, String(answer.headers['content-type']), answer.text, what);
  else assert.equal(answer.text, '', what);
}

/** `type`: the content type that the body came with, if any is known. */
function matchesContent({ content = {} }: Body = {}, type: string | undefined, body: unknown, what: string): void {
  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(content);
  if (type !== undefined) assert.equal(type.split(';')[0], mediaType, what);
  if (schema.format === 'binary') return;
  matches(schema, typeof body === 'string' ? JSON.parse(body) : body, what);
}

function matches(schema: object, value: unknown, what: string): void {
  const parsed = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value);
  assert.ok(parsed.success, `${what}: ${parsed.error?.message}`);
}

test('the document refuses what the server refuses: the schemas in it are not empty', async () => {
  await using world = await buildWorld();
  const document = (await world.ask('GET', `${apiPrefix}/openapi.json`)).json() as Document;
  const run = document.paths['/runs']?.post?.requestBody?.content?.['application/json']?.schema;
  const heartbeat = document.paths['/heartbeats']?.post?.requestBody?.content?.['application/json']?.schema;
  for (const [schema, wrong] of [
    [run, { runs: [{ id: 'x' }] }],
    [run, { runs: [] }],
    [heartbeat, { version: '1' }],
  ] as const) {
    assert.ok(schema);
    assert.throws(() => matches(schema, wrong, 'wrong'));
  }
});
