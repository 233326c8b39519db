import { createRequire } from 'node:module';

type Driver = typeof import('mysql2');
let driver: Driver | undefined;

/** The driver of MariaDB and MySQL, loaded when it is first needed: a server on files alone starts sooner without. */
export function mysql2(): Driver {
  driver ??= createRequire(import.meta.url)('mysql2') as Driver;
  return driver;
}
