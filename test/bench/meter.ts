import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

/*
 * What a program and everything it starts costs, browser included. A cgroup of its own (version 2) counts exactly, whoever
 * adopts a process in the end. Where none can be made, /proc is read several times a second, and what lives and dies
 * between two looks is not counted: figures of that kind are too low, and the report says so.
 */

export interface Metered {
  process: ChildProcess;
  /** Processor time of all its processes so far, s. */
  cpuS(): number;
  /** Proportional share of memory of all its processes now, MiB. */
  pssMiB(): number;
  /** Ends all its processes. */
  end(): Promise<void>;
}

export interface Start {
  command: readonly string[];
  cwd: string;
  env: Record<string, string>;
  /** Opens a channel for messages. */
  channel: boolean;
}

const ticksPerS = 100;
const lookMs = 40;
let count = 0;

/** How processor time is counted on this machine. */
export const counting: 'cgroup' | '/proc' = cgroupWorks() ? 'cgroup' : '/proc';

/** Starts a program whose cost is counted from its first instruction. */
export function startMetered({ command, cwd, env, channel }: Start): Metered {
  const group = counting === 'cgroup' ? newGroup() : undefined;
  // The shell enters the group and then becomes the program.
  const enter = group ? ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(group, 'cgroup.procs')] : [];
  const [program = '', ...args] = [...enter, ...command];
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', ...(channel ? (['ipc'] as const) : [])],
    detached: true,
  });
  return group ? inGroup(child, group) : inTree(child);
}

function inGroup(child: ChildProcess, group: string): Metered {
  const members = () => readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  return {
    process: child,
    cpuS: () => Number(/usage_usec (\d+)/.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))?.[1]) / 1e6,
    pssMiB: () => sum(members().map(pssMiB)),
    async end() {
      // The group is there until the kernel has done with the last of them.
      while (existsSync(group)) {
        for (const pid of members()) kill(pid);
        await new Promise((done) => setTimeout(done, 20));
        if (members().length === 0) removeEmpty(group);
      }
    },
  };
}

function inTree(child: ChildProcess): Metered {
  const seen = new Map<string, number>();
  const look = (): number[] => {
    const all = processes();
    const tree = new Set([child.pid ?? 0]);
    // A parent may have a higher number than its child: looked through until nothing is added.
    for (let before = 0; before < tree.size; ) {
      before = tree.size;
      for (const p of all) if (tree.has(p.parent) || seen.has(p.key)) tree.add(p.pid);
    }
    for (const p of all) if (tree.has(p.pid)) seen.set(p.key, p.ticks);
    return [...tree];
  };
  const timer = setInterval(look, lookMs);
  return {
    process: child,
    cpuS() {
      look();
      return sum([...seen.values()]) / ticksPerS;
    },
    pssMiB: () => sum(look().map(pssMiB)),
    async end() {
      clearInterval(timer);
      for (const pid of look()) kill(pid);
    },
  };
}

interface Process {
  pid: number;
  parent: number;
  /** Its number and start, since numbers come again. */
  key: string;
  ticks: number;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = textOf(`/proc/${name}/stat`);
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (stat === '') return [];
      const ticks = Number(fields[11]) + Number(fields[12]);
      return [{ pid: Number(name), parent: Number(fields[1]), key: `${name}/${fields[19]}`, ticks }];
    });
}

function pssMiB(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // the process ended meanwhile
  }
}

function removeEmpty(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // still busy
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

function cgroupWorks(): boolean {
  try {
    rmdirSync(newGroup());
    return true;
  } catch {
    return false;
  }
}

/** A new group below the one that this process is in; only an owner of that one can make it. */
function newGroup(): string {
  const mount = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[2] === 'cgroup2');
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  if (mount === undefined || own === undefined) throw new Error('there are no cgroups of version 2');
  const group = join(mount.split(' ')[1] ?? '', own, `vedette-bench-${process.pid}-${++count}`);
  mkdirSync(group);
  return group;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
