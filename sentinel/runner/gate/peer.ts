import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/**
 * Whether the process at the other end of a loopback connection belongs to this user. Another user of the machine could
 * else go through the gate with this sentinel's rights. Where the system doesn't tell (other than Linux), nobody is refused.
 */
export async function isOurs(client: Socket): Promise<boolean> {
  const user = process.getuid?.();
  if (process.platform !== 'linux' || user === undefined) return true;
  const { remoteAddress = '', remotePort = 0, localPort = 0 } = client;
  return remoteAddress === '127.0.0.1' && (await userOf(remotePort, localPort)) === user;
}

const mostInLine = 200;

/** User id of the owner of a connection from one loopback port to another; see proc(5), `/proc/net/tcp`. */
async function userOf(fromPort: number, toPort: number): Promise<number | undefined> {
  const ends = `${loopback(fromPort)} ${loopback(toPort)} `;
  const all = await connections();
  const at = all.indexOf(ends);
  const user = at < 0 ? undefined : all.slice(at, at + mostInLine).split(/\s+/)[6];
  return user === undefined ? undefined : Number(user);
}

let looking: Promise<string> | undefined;

/** Takes some milliseconds, however few there are: whoever asks in the same turn, as a page does that loads, looks together. */
function connections(): Promise<string> {
  looking ??= lookTogether();
  return looking;
}

async function lookTogether(): Promise<string> {
  await turn();
  looking = undefined;
  try {
    return await readFile('/proc/net/tcp', 'utf8');
  } catch {
    return ''; // for want of files, say: whose connection it is can't be told, and it is refused
  }
}

function loopback(port: number): string {
  const address = Buffer.from([127, 0, 0, 1]);
  const machineOrder = new Uint32Array(new Uint8Array(address).buffer)[0] ?? 0;
  return `${hex(machineOrder, 8)}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
