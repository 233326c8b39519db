import os from 'node:os';

/*
 * Where there is no outer wall the child lives among the sentinel's other processes and files, and Node's permission model
 * says nothing about signals, priorities, debuggers and databases. So what reaches beyond this process, Node's modules above
 * all, is taken away before a script is loaded; a script has no use for it. It is no wall, as nothing inside a process is,
 * but no door stands open.
 */

const doors = [
  '_debugEnd',
  '_debugProcess',
  '_getActiveHandles',
  '_getActiveRequests',
  '_kill',
  '_linkedBinding',
  'abort',
  'binding',
  'chdir',
  'dlopen',
  'execve',
  'getBuiltinModule',
  'initgroups',
  'kill',
  'loadEnvFile',
  'openStdin',
  'setegid',
  'seteuid',
  'setgid',
  'setgroups',
  'setuid',
  'umask',
];

export function closeDoors(): void {
  for (const name of doors) if (name in process) lock(process, name);
  lock(os, 'setPriority');
}

function lock(object: object, name: string): void {
  const refuse = () => {
    throw new Error(`${name} is not for scripts`);
  };
  Object.defineProperty(object, name, { value: refuse, configurable: false, writable: false });
}
