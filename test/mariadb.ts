import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from './e2e/free-port.ts';

/** A database server of the tests' own, reached through a socket, or a port of this machine. */
export interface MariaDb extends AsyncDisposable {
  socket: string;
  /** `mysql://…` of its administrator, without a schema. */
  url: string;
  /** Runs statements as its administrator, and returns what they print: a line for each row, tabs between. */
  sql(statements: string): Promise<string>;
  /** Ends it and takes its folder away; a shared one is left to who started it. */
  close(): Promise<void>;
}

/** `nobody`: the server refuses to run as root. */
const ordinaryUser = 65_534;
const readyMs = 60_000;
/** Small, but every commit is on the disk when it is acknowledged. */
const options = [
  ...['--bind-address=127.0.0.1', '--skip-name-resolve', '--skip-log-bin', '--performance-schema=off'],
  ...['--innodb-flush-log-at-trx-commit=1', '--innodb-buffer-pool-size=64M', '--innodb-log-file-size=16M'],
];

/** The server that `npm test` started for all, by `VEDETTE_TEST_MARIADB`; else one for this file alone. */
export async function mariaDb(): Promise<MariaDb> {
  const shared = process.env.VEDETTE_TEST_MARIADB;
  if (shared === undefined) return startMariaDb(memory());
  const { socket, url } = JSON.parse(shared) as Pick<MariaDb, 'socket' | 'url'>;
  return { socket, url, sql: (statements) => query(socket, statements), ...closedBy(async () => {}) };
}

/** Starts one whose data lie in a new folder below `parent`, with `more` options where it is measured. */
export async function startMariaDb(parent: string, more: readonly string[] = []): Promise<MariaDb> {
  const folder = mkdtempSync(join(parent, 'vedette-mariadb-'));
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  const scratch = join(folder, 'tmp');
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? { uid: ordinaryUser, gid: ordinaryUser } : {};
  for (const path of [data, scratch]) mkdirSync(path);
  chmodSync(folder, 0o755); // the application's server, which may be another user, goes through it to the socket
  if (isRoot) for (const path of [folder, data, scratch]) chownSync(path, ordinaryUser, ordinaryUser);
  // Its temporary tables are called by its process id: in a place that all share, it ends where an earlier one left any.
  const plain = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${scratch}`];
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const install = [...plain, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
    await promisify(execFile)('mariadb-install-db', install, { ...as, cwd: folder });
    const port = await freePorts();
    const listening = [...plain, ...options, ...more, `--socket=${socket}`, `--port=${port}`];
    const server = spawn('/usr/sbin/mariadbd', listening, { ...as, cwd: folder, stdio: 'ignore' });
    // A test that fails before it closes the server is neither kept waiting nor survived by it.
    server.unref();
    const atExit = () => {
      server.kill('SIGKILL');
      remove();
    };
    process.once('exit', atExit);
    const close = async () => {
      process.off('exit', atExit);
      await ended(server);
      remove();
    };
    try {
      const password = randomUUID();
      await until(() => addAdministrator(socket, password), server);
      const url = `mysql://keeper:${password}@127.0.0.1:${port}`;
      return { socket, url, sql: (statements) => query(socket, statements), ...closedBy(close) };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    remove();
    throw error;
  }
}

/** Tests make hundreds of schemas, of which no power cut need spare any: in memory that takes a fraction of the time. */
export function memory(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 2 ** 31 ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir(); // not Linux
  }
}

function closedBy(close: () => Promise<void>): Pick<MariaDb, 'close' | typeof Symbol.asyncDispose> {
  return { close, [Symbol.asyncDispose]: close };
}

/** For connections by port, which others on this machine could make too; false as long as it does not answer. */
async function addAdministrator(socket: string, password: string): Promise<boolean> {
  const account = `keeper@127.0.0.1 identified by '${password}' with grant option`;
  return query(socket, `grant all on *.* to ${account}`).then(
    () => true,
    () => false,
  );
}

async function query(socket: string, statements: string): Promise<string> {
  const asRoot = ['--no-defaults', `--socket=${socket}`, '--user=root', '--batch', '--skip-column-names'];
  const { stdout } = await promisify(execFile)('mariadb', [...asRoot, '-e', statements]);
  return stdout;
}

async function until(isReady: () => Promise<boolean>, server: ChildProcess): Promise<void> {
  for (const end = Date.now() + readyMs; !(await isReady()); await after(50)) {
    if (server.exitCode !== null) throw new Error(`the database server ended with ${server.exitCode}`);
    if (Date.now() > end) throw new Error('the database server was not ready in a minute');
  }
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.ref();
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  const killer = setTimeout(() => server.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(killer);
}
