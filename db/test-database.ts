import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mysqlAddress, openMysql } from './engines/mysql.ts';
import type { DatabaseAddress } from './open-database.ts';

/** For tests: where a new database may be made, and a folder for what lies beside it. Gone when disposed. */
export interface TestDatabase {
  folder: string;
  at: DatabaseAddress;
  [Symbol.asyncDispose](): Promise<void>;
}

/** `mysql://…` of the server that tests run on now; undefined where they run on SQLite. */
export function testServer(): string | undefined {
  return process.env.VEDETTE_TEST_DATABASE;
}

/** On MariaDB where the tests run on it, else a file. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = testServer();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-database-'));
  const database = `vedette_${randomBytes(12).toString('hex')}`;
  if (server !== undefined) await ask(server, `create database ${database}`);
  return {
    folder,
    at: server === undefined ? join(folder, 'live.sqlite') : { ...mysqlAddress(server), database },
    async [Symbol.asyncDispose]() {
      if (server !== undefined) await ask(server, `drop database ${database}`);
      rmSync(folder, { recursive: true });
    },
  };
}

async function ask(server: string, sql: string): Promise<void> {
  const administrator = openMysql(mysqlAddress(server));
  try {
    await administrator.raw(sql);
  } finally {
    await administrator.destroy();
  }
}
