import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A database server of the tests' own, reached through its socket alone. */
export interface MariaDb {
  socket: string;
  /** Runs statements as its administrator. */
  sql(statements: string): Promise<void>;
  /** Ends it and takes its folder away. */
  close(): Promise<void>;
}

/** `nobody`: the server refuses to run as root. */
const ordinaryUser = 65_534;
const readyMs = 60_000;

export async function startMariaDb(): Promise<MariaDb> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-mariadb-'));
  const data = join(folder, 'data');
  const socket = join(folder, 'socket');
  const isRoot = process.getuid?.() === 0;
  const as = isRoot ? { uid: ordinaryUser, gid: ordinaryUser } : {};
  mkdirSync(data);
  chmodSync(folder, 0o755); // the application's server, which may be another user, goes through it to the socket
  if (isRoot) for (const path of [folder, data]) chownSync(path, ordinaryUser, ordinaryUser);
  const plain = ['--no-defaults', `--datadir=${data}`];
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const install = [...plain, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'];
    await promisify(execFile)('mariadb-install-db', install, { ...as, cwd: folder });
    const options = [`--socket=${socket}`, '--skip-networking', '--innodb-buffer-pool-size=16M', '--skip-log-bin'];
    const server = spawn('/usr/sbin/mariadbd', [...plain, ...options], { ...as, cwd: folder, stdio: 'ignore' });
    const close = async () => {
      await ended(server);
      remove();
    };
    const sql = async (statements: string) => {
      await promisify(execFile)('mariadb', ['--no-defaults', `--socket=${socket}`, '--user=root', '-e', statements]);
    };
    try {
      await until(() => existsSync(socket) && server.exitCode === null, server);
      return { socket, sql, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    remove();
    throw error;
  }
}

async function until(isReady: () => boolean, server: ChildProcess): Promise<void> {
  for (const end = Date.now() + readyMs; !isReady(); await after(50)) {
    if (server.exitCode !== null) throw new Error(`the database server ended with ${server.exitCode}`);
    if (Date.now() > end) throw new Error('the database server was not ready in a minute');
  }
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  const killer = setTimeout(() => server.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(killer);
}
