import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import Koa from 'koa';
import pino from 'pino';
import { until } from '../../test/faults/until.ts';
import { send } from '../build-client.ts';
import { requestLog } from './request-log.ts';

/** What is logged at `level` of requests to these paths, line by line; they are answered with the status in the query. */
async function logged(level: string, ...paths: string[]): Promise<string[]> {
  const lines: string[] = [];
  const log = pino({ level, base: null }, { write: (text: string) => void lines.push(text) });
  let closed = 0;
  const koa = new Koa().use((ctx, next) => {
    ctx.res.once('close', () => closed++);
    return next();
  });
  koa.use(requestLog({ log })).use((ctx) => {
    ctx.status = Number(ctx.query.status);
  });
  const server = createServer(koa.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const path of paths) await send(`http://127.0.0.1:${port}`, { path, agent: false });
  await until('all are answered', () => closed === paths.length);
  await new Promise((resolve) => server.close(resolve));
  return lines;
}

test('who was refused is a line of the log, with the address; others are one at debug alone', async () => {
  const lines = await logged(
    'info',
    '/a?status=403',
    '/b?status=200',
    '/c?status=429',
    '/d?status=404',
    '/e?status=401',
  );
  const told = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    told.map(({ path, status }) => [path, status]),
    [
      ['/a', 403],
      ['/c', 429],
      ['/e', 401],
    ],
  );
  assert.match(told[0].from, /127\.0\.0\.1$/);
  assert.equal((await logged('debug', '/b?status=200')).length, 1);
});

test('what a line ends with or a terminal obeys stays one line of plain text, and the query stays out', async () => {
  const lines = await logged(
    'debug',
    '/%0d%0a%7b%22level%22%3a60%7d%1b%5b2J?status=403&password=canary',
    '/%7f?status=200',
  );
  for (const line of lines) {
    assert.equal(line.trimEnd(), JSON.stringify(JSON.parse(line)), 'one line, in which JSON escapes the rest');
    assert.doesNotMatch(line.trimEnd(), /\p{Cc}/u);
    assert.doesNotMatch(line, /canary/);
  }
  assert.equal(lines.length, 2);
});
