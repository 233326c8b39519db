import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWorld } from '../build-world.ts';

test('our own failing is told as such, without what went wrong', async () => {
  await using world = await buildWorld();
  const asOlga = await world.signedIn('olga', null);
  await world.context.registry.schema.dropTable('customers');
  const answer = await asOlga('GET', '/api/v1/customers');
  assert.equal(answer.status, 500);
  assert.equal(answer.code, 'SERVER_ERROR');
  assert.doesNotMatch(answer.text, /customers|SQLITE|select/i);
});

test('answers carry what browsers are to forbid, and are not asked for again when unchanged', async () => {
  await using world = await buildWorld();
  const first = await world.ask('GET', '/api/v1/openapi.json', { headers: { 'accept-encoding': 'identity' } });
  assert.match(String(first.headers['content-security-policy']), /script-src 'self';/);
  assert.equal(first.headers['x-content-type-options'], 'nosniff');
  assert.equal(first.headers['x-frame-options'], 'DENY');
  const headers = { 'if-none-match': String(first.headers.etag) };
  const again = await world.ask('GET', '/api/v1/openapi.json', { headers });
  assert.deepEqual([again.status, again.text], [304, '']);
});

test('the OpenAPI document names every route with its shapes', async () => {
  await using world = await buildWorld();
  const document = (await world.ask('GET', '/api/v1/openapi.json')).json() as {
    openapi: string;
    paths: Record<string, Record<string, { parameters: { name: string; in: string }[]; requestBody?: object }>>;
  };
  assert.equal(document.openapi, '3.1.0');
  assert.ok(document.paths['/session']?.post?.requestBody);
  const times = document.paths['/customers/{customerId}/monitors/{monitorId}/response-times']?.get;
  const names = times?.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
  for (const name of ['path customerId', 'path monitorId', 'query from', 'query to', 'query step']) {
    assert.ok(names?.includes(name), name);
  }
});

test('the authority can be fetched, to be trusted by a browser', async () => {
  await using world = await buildWorld();
  assert.equal((await world.ask('GET', '/certs/ca.pem')).text, world.context.authority.caPem);
});
