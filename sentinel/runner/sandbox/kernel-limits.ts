import { existsSync } from 'node:fs';

/*
 * Limits that Linux itself keeps, put on by two small programs of util-linux, which every distribution has. They hold
 * also where nobody looks often enough, and when the sentinel has been killed. Elsewhere the watch in usage.ts stands alone.
 */

export interface KernelLimits {
  /** Memory that one process may have mapped for itself. Node alone maps some 575 MiB, of which it uses a tenth. */
  dataBytes: number;
  /** Size of one file. */
  fileBytes?: number;
  /** Processes and threads. Only inside bubblewrap: elsewhere everything else of the user counts too. */
  processes?: number;
}

const prlimit = '/usr/bin/prlimit';
const setpriv = '/usr/bin/setpriv';

/** What has to be there for `limited` to work, also inside bubblewrap. */
export const limiters: readonly string[] = [prlimit].filter(canLimit);

/** A command that starts `command` within limits: without core dumps, which would leave secrets on disk. */
export function limited(command: readonly string[], { dataBytes, fileBytes, processes }: KernelLimits): string[] {
  if (!canLimit(prlimit)) return [...command];
  const file = fileBytes === undefined ? [] : [`--fsize=${fileBytes}`];
  const most = processes === undefined ? [] : [`--nproc=${processes}`];
  return [prlimit, '--core=0', `--data=${dataBytes}`, ...file, ...most, ...command];
}

/** A command that starts `command` so that it dies with the process that starts it, however that ends. */
export function dyingWithParent(command: readonly string[]): string[] {
  return canLimit(setpriv) ? [setpriv, '--pdeathsig', 'KILL', ...command] : [...command];
}

function canLimit(program: string): boolean {
  return process.platform === 'linux' && existsSync(program);
}
