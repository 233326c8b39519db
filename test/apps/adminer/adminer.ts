import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { freePorts } from '../../e2e/free-port.ts';
import { mariaDb } from '../../mariadb.ts';

/** Debian's Adminer on PHP's own web server, with a database that has one table, `books`. */
export interface Adminer {
  url: string;
  /** What its login form calls the server. */
  server: string;
  user: string;
  password: string;
  database: string;
  close(): Promise<void>;
}

const readyMs = 30_000;

export async function startAdminer(): Promise<Adminer> {
  const databases = await mariaDb();
  const [user, password, database] = ['reader', 'correct horse & battery', 'library'];
  const port = await freePorts();
  const url = `http://127.0.0.1:${port}`;
  const php = spawn('php', ['-S', `127.0.0.1:${port}`, '/usr/share/adminer/adminer.php'], { stdio: 'ignore' });
  const close = async () => {
    if (php.exitCode === null && php.kill('SIGKILL')) await once(php, 'exit');
    await databases.close();
  };
  try {
    await databases.sql(`
      DROP DATABASE IF EXISTS ${database};
      CREATE DATABASE ${database};
      CREATE TABLE ${database}.books (id INT PRIMARY KEY, title VARCHAR(100));
      INSERT INTO ${database}.books VALUES (1, 'The Sentry'), (2, 'The Outpost');
      CREATE OR REPLACE USER ${user}@localhost IDENTIFIED BY '${password}';
      GRANT ALL ON ${database}.* TO ${user}@localhost;`);
    for (const end = Date.now() + readyMs; !(await answers(url)); await after(50))
      if (Date.now() > end) throw new Error('Adminer did not answer in time');
    return { url, server: `localhost:${databases.socket}`, user, password, database, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}
