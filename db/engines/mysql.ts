import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import knex, { type Knex } from 'knex';
import type { Connection, ConnectionOptions, SslOptions } from 'mysql2';
import { NoAnswer } from '../database-unusable.ts';
import { isMysql, mostJoined } from './dialect.ts';
import { cannotConnect, explained, isAlreadyDone, isConflict, isTurnedAway, silent } from './mysql-errors.ts';
import { checkIntegers } from './mysql-integers.ts';
import { mysql2 } from './mysql2.ts';

/* MariaDB and MySQL, through knex and mysql2, set up so that they keep and compare what SQLite keeps and compares. */

/** Where a schema is, and who works in it. */
export interface MysqlAddress {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Left out: no schema, for its administrator. */
  database?: string;
  /** From `databaseTls`; left out, the connection is not encrypted. */
  ssl?: SslOptions;
}

/** How long a connection may take to be made (ms). */
const connectTimeout = 10_000;
/**
 * A server may say nothing on a connection for so long (ms): one that hangs would hold up for ever whoever waits for it. For
 * what reads or changes whole tables with one statement that is too short.
 */
const usualSilence = 120_000;
export const longSilence = 3_600_000;
/** So long after the last byte it is asked whether the other machine is still there (ms), and given up 10 s later. */
const keepAliveInitialDelay = 10_000;
/** Without work for so long, a connection is closed (ms). */
const idleTimeoutMillis = 30_000;
const mostTries = 5;

/*
 * What doesn't fit is an error and not cut. Nobody waits longer for a lock than on SQLite. READ COMMITTED, since
 * transactions that write stand in line: see `atomically`.
 */
const session = [
  "set session sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY'",
  `time_zone = '+00:00', innodb_lock_wait_timeout = 10, group_concat_max_len = ${mostJoined}`,
].join(', ');
/**
 * What a program leaves that was halted or cut off without a word (s): the locks of its transaction, in which it never
 * waits for anything but the database, and its connections. MySQL knows the second alone.
 */
const [idleInTransaction, idle] = [60, 600];
const isolation = 'set session transaction isolation level read committed';

export interface MysqlOpening {
  /** How many it may have at a time. */
  connections?: number | undefined;
  /** Asked where the account is not let in: it may be another one meanwhile. */
  renew?: (() => Promise<MysqlAddress>) | undefined;
  /** How long the server may take to begin an answer, and to go on with it (ms); else two minutes. */
  silence?: number | undefined;
}

/**
 * Opens a schema of MariaDB or MySQL, with at most `connections` at a time; none is made before the first query, and
 * idle ones are closed. Texts are compared byte by byte, as SQLite does; integers beyond 2^53 throw. Queries throw
 * `DatabaseUnusable` while it can't be reached or worked with, or says nothing for `silence`. Inside
 * `db.transaction(trx => …)` use `trx` alone.
 */
export function openMysql(
  address: MysqlAddress,
  { connections = 1, renew, silence = usualSilence }: MysqlOpening = {},
): Knex {
  // The dialect is plain JavaScript, so its class lacks what the types say of knex.Client; it is one nevertheless.
  const client = MysqlClient as unknown as typeof Knex.Client;
  const log = { warn() {} }; // it would print to stdout what is thrown anyway
  const pool = { min: 0, max: connections, idleTimeoutMillis };
  return knex({
    client,
    connection: { ...address } as Knex.MySql2ConnectionConfig,
    ...{ renew, silence },
    pool,
    version: 'latest',
    log,
    compileSqlOnError: false,
  });
}

/**
 * While it is on, what a step of the schema finds done already is passed over: a step that was cut short is carried out
 * from its beginning again, and each statement that changes a schema is committed by itself. On the connection of `trx` a
 * statement may take an hour: it may write a table anew.
 */
export async function changeSchema(trx: Knex, on: boolean): Promise<void> {
  trx.client.config.passesOver = on;
  await allowSilence(trx, on);
}

/** Lends `work` a connection on which a statement may take an hour, as one does that reads a whole table. */
export async function patiently<Db extends Knex, T>(db: Db, work: (db: Db) => Promise<T>): Promise<T> {
  if (!isMysql(db)) return work(db);
  return db.transaction(async (trx) => {
    await allowSilence(trx, true);
    try {
      return await work(trx as Knex as Db);
    } finally {
      await allowSilence(trx, false);
    }
  });
}

async function allowSilence({ client }: Knex, isLong: boolean): Promise<void> {
  (await client.acquireConnection()).stream.setTimeout(isLong ? longSilence : client.config.silence);
}

/** How texts are compared, once a connection was made: by bytes, with a space at the end counting. */
export function exactCollation(db: Knex): string {
  return db.client.connectionSettings.collate;
}

/** What mysql2's types leave out. */
type OwnConnection = Connection & {
  stream: Socket;
  _closing?: boolean;
  _handshakePacket?: { serverVersion?: string };
};

interface Query {
  sql: string;
  response?: unknown;
}

interface DialectClient {
  connectionSettings: MysqlAddress & { charset?: string; collate?: string };
  config: { passesOver?: boolean; renew: MysqlOpening['renew']; silence: number };
  _query(connection: OwnConnection, query: Query): Promise<unknown>;
  columnCompiler(...given: unknown[]): unknown;
}

const require = createRequire(import.meta.url);
const Dialect: new (config: Knex.Config) => Knex.Client & DialectClient = require('knex/lib/dialects/mysql2/index.js');
const Columns: new (...given: unknown[]) => object = require('knex/lib/dialects/mysql/schema/mysql-columncompiler.js');

class FixedBinary extends Columns {
  binary(length?: number): string {
    return length ? `binary(${length})` : 'mediumblob';
  }
}

// No fields: knex makes the client of a transaction without calling a constructor.
class MysqlClient extends Dialect {
  override columnCompiler(...given: unknown[]) {
    return new FixedBinary(this, ...given);
  }

  override async acquireRawConnection(): Promise<unknown> {
    const { silence } = this.config;
    const connection = await connect(this.connectionSettings, silence).catch(async (error: unknown) => {
      const renewed = isTurnedAway(error) && (await this.config.renew?.());
      if (!renewed || renewed.password === this.connectionSettings.password) throw error;
      this.connectionSettings = renewed;
      return connect(renewed, silence);
    });
    const settings = this.connectionSettings;
    // Tables made from now on compare bytes, and a space at the end counts.
    settings.charset = 'utf8mb4';
    settings.collate = collationOf(connection);
    return connection;
  }

  /** Outside of a transaction a statement is one by itself, and is tried again by itself. */
  override async _query(connection: OwnConnection & { __knexTxId?: string }, query: Query): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      try {
        const done = await super._query(connection, query);
        checkIntegers(query.response);
        return done;
      } catch (error) {
        if (error instanceof Error && 'sql' in error) delete error.sql; // it holds the values, and errors are logged
        if (this.config.passesOver && isAlreadyDone(query.sql, error))
          return Object.assign(query, { response: [[], []] });
        const again = isConflict(error) && connection.__knexTxId === undefined && tries < mostTries;
        // Who rolls back afterwards would tell only that the connection is gone.
        const { errored, timeout } = connection.stream;
        if (errored instanceof NoAnswer) throw silent(nameOf(this.connectionSettings), timeout);
        if (!again) throw explained(nameOf(this.connectionSettings), error);
        await sleep(Math.random() * 20 * tries);
      }
    }
  }
}

function connect(address: MysqlAddress, silence: number): Promise<OwnConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<OwnConnection>();
  const connection = mysql2().createConnection(driverOptions(address)) as OwnConnection;
  const refuse = (error: unknown) => {
    connection.stream.destroy();
    reject(cannotConnect(nameOf(address), error));
  };
  // One that breaks while nobody uses it: the pool sees that it is closed.
  connection.on('error', () => {});
  connection.connect((error) => {
    if (error) return refuse(error);
    const { stream } = connection; // with TLS another one than before
    stream.setTimeout(Math.min(connectTimeout, silence));
    stream.on('timeout', () => {
      // Once it was closed nobody listens any more.
      stream.destroy(connection._closing ? undefined : silent(nameOf(address), stream.timeout));
    });
    const ends = `wait_timeout = ${idle}${isMariaDb(connection) ? `, idle_transaction_timeout = ${idleInTransaction}` : ''}`;
    connection.query(`${session}, ${ends}`, (wrong) => {
      if (wrong) return refuse(wrong);
      connection.query(isolation, (wrong2) => {
        if (wrong2) return refuse(wrong2);
        stream.setTimeout(silence);
        resolve(connection);
      });
    });
  });
  return promise;
}

function driverOptions({ host, port, user, password, database, ssl }: MysqlAddress): ConnectionOptions {
  return {
    ...{ host, port, user, password, connectTimeout },
    ...(database !== undefined && { database }),
    ...(ssl && { ssl }),
    charset: 'UTF8MB4_BIN',
    supportBigNumbers: true,
    decimalNumbers: true, // of sums
    dateStrings: true,
    stringifyObjects: true, // an object as a value would become SQL
    flags: ['-LOCAL_FILES'],
    enableKeepAlive: true,
    keepAliveInitialDelay,
  };
}

/** MariaDB and MySQL have different names for it. */
function collationOf(connection: OwnConnection): string {
  return isMariaDb(connection) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';
}

function isMariaDb(connection: OwnConnection): boolean {
  const { serverVersion = '' } = connection._handshakePacket ?? {};
  return /mariadb/i.test(serverVersion);
}

function nameOf({ host, port, user, database }: MysqlAddress): string {
  return `the database ${database ?? 'server'} on ${host}:${port} as ${user}`;
}

/** Takes `mysql://user:password@host:port/schema` apart; what is left out is as usual. Throws `TypeError` if it is no such. */
export function mysqlAddress(text: string): MysqlAddress {
  const { protocol, hostname, port, username, password, pathname } = new URL(text);
  if (!/^(mysql|mariadb):$/.test(protocol) || hostname === '') throw new TypeError('it must be mysql://…');
  const database = decodeURIComponent(pathname.slice(1));
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(database !== '' && { database }),
  };
}
