import fs from 'node:fs';

/**
 * Ids of the processes that carry `text` in their command line or in the environment they were started with: all that a
 * sentinel starts do so with its home folder. Linux only: read from /proc.
 */
export function processesNaming(text: string): number[] {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => read(pid, 'cmdline').includes(text) || read(pid, 'environ').includes(text)).map(Number);
}

function read(pid: string, file: 'cmdline' | 'environ'): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it ended since it was listed, or is another user's and so none of ours
  }
}
