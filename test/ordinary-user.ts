import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/* What root's tests need to start a process of an ordinary user, as whom sentinels run. */

export const nobody = 65_534;
export const isRoot = process.getuid?.() === 0;
export const checkout = resolve(import.meta.dirname, '..');
/** Where an ordinary user sees the checkout, which may lie in a folder that only root can enter. */
const seenAt = isRoot ? mkdtempSync(join(tmpdir(), 'vedette-checkout-')) : checkout;
if (isRoot) {
  chmodSync(seenAt, 0o755);
  process.once('exit', () => rmSync(seenAt, { recursive: true }));
}

/** A path of the checkout as an ordinary user has to say it. */
export function seen(path: string): string {
  return path.startsWith(checkout) ? seenAt + path.slice(checkout.length) : path;
}

/** A command as an ordinary user gives it, as a program and its arguments. */
export function asOrdinaryUser(command: readonly string[]): [string, string[]] {
  const become = `mount --bind "$1" "$2" && shift 2 && exec setpriv --reuid ${nobody} --regid ${nobody} --clear-groups "$@"`;
  const [program = '', ...args] = isRoot
    ? ['unshare', '--mount', 'sh', '-c', become, 'sh', checkout, seenAt, ...command.map(seen)]
    : command;
  return [program, args];
}
