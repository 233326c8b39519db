import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import Koa from 'koa';
import mysql from 'mysql2/promise';
import { openServerCertificate } from '../../../certs/server-certificate.ts';
import { headers, type Run } from '../../../sentinel/protocol/messages.ts';

/*
 * The bare way, to compare with: Koa, JSON.parse and one committed INSERT of many rows a request. Whoever sends is
 * believed: no key, no schema, no look at what is there already. With `apart` each sentinel has a file, or a table, of its
 * own.
 */

const [where = '', certs = '', apart] = process.argv.slice(2);
const columns = 7;
const table = (
  name: string,
) => `create table ${name} (monitor int not null, name int not null, started_at bigint not null,
  run_id binary(16) not null, passed int, response_us bigint, code varchar(30),
  primary key (monitor, name, started_at, run_id))`;
type Store = (all: Value[][]) => unknown;
const open = where.startsWith('mysql:') ? mysqlTables(where) : sqliteFiles(where);
const stores = new Map<string, Promise<Store>>();
const ids = new Map<string, number>();

const koa = new Koa();
koa.use(async (ctx) => {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk);
  const { runs }: { runs: Run[] } = JSON.parse(Buffer.concat(chunks).toString());
  const store = await storeOf(apart === undefined ? '' : ctx.get(headers.sentinel));
  await store(runs.flatMap(rows));
  ctx.body = { runs: runs.map(({ id }) => ({ id, status: 'stored' })), serverTime: Date.now() };
});
const { key, chain } = await openServerCertificate(certs);
const server = createServer({ key, cert: chain }, koa.callback());
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.once('SIGTERM', () => process.exit());

type Value = number | string | Buffer | null;

function rows({ id, monitorId, startedAt, transactions }: Run): Value[][] {
  const run = Buffer.from(id.replaceAll('-', ''), 'hex');
  const monitor = idOf(monitorId);
  return transactions.map((t) => [
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

function storeOf(sentinel: string): Promise<Store> {
  const store = stores.get(sentinel) ?? open(sentinel === '' ? 'results' : `results_${stores.size}`);
  stores.set(sentinel, store);
  return store;
}

function sqliteFiles(folder: string) {
  return async (name: string): Promise<Store> => {
    const db = new DatabaseSync(join(folder, `bare-${name}.sqlite`));
    db.exec(`pragma journal_mode = wal; pragma synchronous = full; ${table(name)} without rowid`);
    const statements = new Map<number, StatementSync>();
    return (all) => {
      const text = `insert into ${name} values ${Array(all.length).fill(`(${Array(columns).fill('?')})`)}`;
      const statement = statements.get(all.length) ?? db.prepare(text);
      statements.set(all.length, statement);
      statement.run(...all.flat());
    };
  };
}

function mysqlTables(uri: string) {
  const pool = mysql.createPool({ uri, connectionLimit: 4 });
  return async (name: string): Promise<Store> => {
    await pool.query(table(name));
    return (all) => pool.query(`insert into ${name} values ?`, [all]);
  };
}
