import type { ChildProcess } from 'node:child_process';

/**
 * Kills a process that was started `detached`, with all it has started. Only while it runs, or at once when it has ended: later
 * its number may be another's.
 */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // nothing is left of the group, or the platform has none
  }
}
