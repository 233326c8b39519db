import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import Koa from 'koa';
import { openServerCertificate } from '../../../certs/server-certificate.ts';
import type { Run } from '../../../sentinel/protocol/messages.ts';

/*
 * The bare way, to compare with: Koa, JSON.parse and one committed INSERT of many rows a request. Whoever sends is
 * believed: no key, no schema, no look at what is there already.
 */

const [folder = '', certs = ''] = process.argv.slice(2);
const columns = 7;
const store = openSqlite(join(folder, 'bare.sqlite'));
const ids = new Map<string, number>();

const koa = new Koa();
koa.use(async (ctx) => {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  const { runs }: { runs: Run[] } = JSON.parse(Buffer.concat(chunks).toString());
  await store(runs.length * 5, runs.flatMap(values));
  ctx.body = { runs: runs.map(({ id }) => ({ id, status: 'stored' })), serverTime: Date.now() };
});
const { key, chain } = await openServerCertificate(certs);
const server = createServer({ key, cert: chain }, koa.callback());
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit());

function values({ id, monitorId, startedAt, transactions }: Run) {
  const run = Buffer.from(id.replaceAll('-', ''), 'hex');
  const monitor = idOf(monitorId);
  return transactions.flatMap((t) => [
    ...[monitor, idOf(t.name), startedAt, run],
    ...[t.outcome === 'passed' ? 1 : 0, t.responseUs ?? null, t.error?.code ?? null],
  ]);
}

/** Numbers for names, as a narrow table has them. */
function idOf(name: string): number {
  const id = ids.get(name) ?? ids.size + 1;
  ids.set(name, id);
  return id;
}

function openSqlite(file: string) {
  const db = new DatabaseSync(file);
  db.exec('pragma journal_mode = wal; pragma synchronous = full');
  db.exec(`create table results (monitor int, name int, started_at int, run_id blob, passed int, response_us int, code text,
    primary key (monitor, name, started_at, run_id)) without rowid`);
  const statements = new Map<number, ReturnType<typeof db.prepare>>();
  return async (rows: number, bindings: (number | string | Buffer | null)[]) => {
    const text = `insert into results values ${Array(rows).fill(`(${Array(columns).fill('?')})`)}`;
    const statement = statements.get(rows) ?? db.prepare(text);
    statements.set(rows, statement);
    statement.run(...bindings);
  };
}
