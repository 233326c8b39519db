import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildServer } from '../build-server.ts';
import { Link, type LinkSettings } from './link.ts';

const { signal } = new AbortController();

function linkTo(server: Pick<LinkSettings, 'trust'> & { url: string }) {
  return new Link({
    server: server.url,
    trust: server.trust,
    sentinelId: '99999999-2222-4333-8444-555555555555',
    apiKey: 'k',
  });
}

test('whether the server answers is not known before it was asked, nor from an answer that is too old', async () => {
  await using server = await buildServer(() => ({ status: 503 }));
  await using link = linkTo(server);
  const before = Date.now();
  assert.equal(link.answersSince(before), undefined);
  await link.assignments(undefined, 0, signal);
  assert.equal(link.answersSince(before), true, 'a refusal is an answer');
  assert.equal(link.answersSince(Date.now() + 1000), undefined);
});

test('a server that did not answer at the latest try is known not to, since whenever', async () => {
  const server = await buildServer(() => ({ json: {} }));
  await using link = linkTo(server);
  const before = Date.now();
  await link.assignments(undefined, 0, signal);
  await server[Symbol.asyncDispose]();
  await link.assignments(undefined, 0, signal);
  assert.equal(link.answersSince(before), false);
});

test('one that shows another key did answer: the network is there', async () => {
  await using server = await buildServer(() => ({ json: {} }));
  await using link = linkTo({ ...server, trust: { ...server.trust, pins: new Set([`${'A'.repeat(43)}=`]) } });
  const before = Date.now();
  await link.assignments(undefined, 0, signal);
  assert.equal(link.answersSince(before), true);
});

test('a question that was called off says nothing', async () => {
  await using server = await buildServer(() => () => {});
  await using link = linkTo(server);
  const stop = new AbortController();
  const asked = link.assignments(undefined, 0, stop.signal);
  stop.abort();
  await asked;
  assert.equal(link.answersSince(0), undefined);
});
