import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mysqlAddress } from './engines/mysql.ts';
import { dropSchema, makeSchema } from './engines/mysql-schema.ts';
import type { DatabaseAddress } from './open-database.ts';

/** For tests: where a new database may be made, and a folder for what lies beside it. Gone when disposed. */
export interface TestDatabase {
  folder: string;
  at: DatabaseAddress;
  /** The same for a server's settings, with an account that may make customers' schemas; undefined on SQLite. */
  url: string | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

/** On MariaDB where `VEDETTE_TEST_DATABASE` names the server that tests run on, else a file; in memory where `VEDETTE_TEST_MEMORY` says. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = process.env.VEDETTE_TEST_DATABASE;
  const folder = mkdtempSync(join(process.env.VEDETTE_TEST_MEMORY ?? tmpdir(), 'vedette-database-'));
  const remove = () => rmSync(folder, { recursive: true });
  if (server === undefined) {
    return { folder, at: join(folder, 'live.sqlite'), url: undefined, [Symbol.asyncDispose]: async () => remove() };
  }
  const database = `vedette_${randomBytes(12).toString('hex')}`;
  await makeSchema(mysqlAddress(server), database);
  return {
    folder,
    at: { ...mysqlAddress(server), database },
    url: `${server}/${database}`,
    async [Symbol.asyncDispose]() {
      await dropSchema(mysqlAddress(server), database);
      remove();
    },
  };
}
