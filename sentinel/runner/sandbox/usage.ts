import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/*
 * What processes use, with all they have started. Linux tells in /proc (see proc(5)), other systems by `ps`, Windows not.
 */

/** What a family of processes uses. */
export interface Reading {
  /** Processor time; also of those that have ended meanwhile, as far as they were seen. */
  cpuUs: number;
  /** Resident memory of its own; what comes from files is left out, since the system can drop it. */
  bytes: number;
  pids: readonly number[];
}

/** A family: a process with its descendants, and whoever is in its process group. */
export interface Family {
  root: number;
  /** Whether what it has used until now counts. */
  fromStart: boolean;
}

interface Kin {
  pid: number;
  parent: number;
  group: number;
}

interface Seen extends Kin {
  cpuUs: number;
  bytes: number;
}

export const nothing: Reading = { cpuUs: 0, bytes: 0, pids: [] };

/** Follows families of processes. */
export interface Meter {
  add(family: Family): void;
  /** What each uses now, in the order they were added; undefined where the system does not tell. */
  read(): Promise<Reading[] | undefined>;
}

/** Processor time of a process when it was first and last seen. */
type Spent = Map<number, { before: number; last: number }>;

export function meter(): Meter {
  const families: Family[] = [];
  const spent = new Map<Family, Spent>();
  const look = process.platform === 'linux' ? lookInProc : process.platform === 'win32' ? undefined : lookByPs;
  const strangers = new Map<number, Kin>();
  return {
    add(family) {
      families.push(family);
      for (const one of strangers.values()) if (isOf(family.root, one, strangers)) strangers.delete(one.pid);
    },
    async read() {
      const all = await look?.(families, strangers);
      return all && families.map((family) => read(family, all, spent));
    },
  };
}

function read(family: Family, all: ReadonlyMap<number, Seen>, everySpent: Map<Family, Spent>): Reading {
  const known = everySpent.get(family);
  const spent: Spent = known ?? new Map();
  everySpent.set(family, spent);
  const members = [...all.values()].filter((one) => isOf(family.root, one, all));
  for (const { pid, cpuUs } of members) {
    const before = spent.get(pid)?.before ?? (known || family.fromStart ? 0 : cpuUs);
    spent.set(pid, { before, last: cpuUs });
  }
  return {
    cpuUs: [...spent.values()].reduce((sum, { before, last }) => sum + last - before, 0),
    bytes: members.reduce((sum, { bytes }) => sum + bytes, 0),
    pids: members.map(({ pid }) => pid),
  };
}

function isOf(root: number, { pid, group, parent }: Kin, all: ReadonlyMap<number, Kin>): boolean {
  if (pid === root || group === root) return true;
  const above = all.get(parent);
  return above !== undefined && isOf(root, above, all);
}

/** Reads no more than it must: a process found to be of no family once never becomes one, unless a family is added. */
function lookInProc(families: readonly Family[], strangers: Map<number, Kin>): Map<number, Seen> {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const met = new Map<number, Omit<Seen, 'bytes'>>();
  for (const pid of pids) {
    const one = strangers.has(pid) ? undefined : readStat(pid);
    if (one) met.set(pid, one);
  }
  const alive = new Set(pids);
  for (const pid of strangers.keys()) if (!alive.has(pid)) strangers.delete(pid);
  const seen = new Map<number, Seen>();
  for (const [pid, one] of met) {
    if (families.some(({ root }) => isOf(root, one, met))) seen.set(pid, { ...one, bytes: readMemory(pid) });
    else strangers.set(pid, one);
  }
  return seen;
}

/** Linux counts processor time for programs in hundredths of a second, whatever its own clock does. */
const usPerTick = 10_000;

function readStat(pid: number): Omit<Seen, 'bytes'> | undefined {
  const stat = readIfAlive(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const [, parent, group, , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpuUs = (Number(user) + Number(system)) * usPerTick;
  return { pid, parent: Number(parent), group: Number(group), cpuUs };
}

function readMemory(pid: number): number {
  const status = readIfAlive(`/proc/${pid}/status`) ?? '';
  const kiB = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  return (kiB('RssAnon') + kiB('RssShmem')) * 1024;
}

function readIfAlive(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8'); // any other encoding takes Node half as long again
  } catch {
    return undefined; // it has ended
  }
}

/** Where there is no /proc. Shared memory counts once for each who shares it. */
export async function lookByPs(): Promise<Map<number, Seen>> {
  const columns = ['pid', 'ppid', 'pgid', 'rss', 'time'].flatMap((name) => ['-o', `${name}=`]);
  const { stdout } = await promisify(execFile)('ps', ['-A', ...columns], { timeout: 5000, maxBuffer: 8 * 1024 * 1024 });
  const rows = stdout.trim().split('\n');
  return new Map(
    rows.map((row) => {
      const [pid = 0, parent = 0, group = 0, kiB = 0] = row.trim().split(/\s+/).map(Number);
      const time = row.trim().split(/\s+/)[4] ?? '0';
      return [pid, { pid, parent, group, bytes: kiB * 1024, cpuUs: Math.round(secondsOf(time) * 1e6) }];
    }),
  );
}

/** Of `[[days-]hours:]minutes:seconds`. */
function secondsOf(time: string): number {
  const [clock = '0', days = '0'] = time.split('-').reverse();
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
}
