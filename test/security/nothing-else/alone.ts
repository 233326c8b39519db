import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSettings } from '../../../sentinel/settings/settings.ts';
import { buildInstallation } from '../../faults/installation.ts';
import { until } from '../../faults/until.ts';
import { type Contact, contactsIn } from './contacts.ts';

/*
 * Started in a network and a mount namespace of its own, which has no way out: `alone.ts BROWSER RUNS`. Lets the real
 * server and a real sentinel with that browser do some runs on a shop that has a name, and prints what both of them
 * tried to reach, and what was asked of the name server.
 */

const shopName = 'shop.vedette.test';
/** Of the shop: no address of this device itself, which a name may not lead to. From a range for documents. */
const shopAddress = '192.0.2.10';
const wayOut = 'out';

export interface Told {
  /** Packets that left for anywhere else than this device, and that one sent on purpose was counted. */
  packetsOut: number;
  isCounting: boolean;
  /** Ports on which anything in this network listened. */
  listening: number[];
  questions: string[];
  sentinel: Contact[];
  server: Contact[];
  shop: string;
  serverPort: number;
}

const [browser = '', runs = '1'] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'vedette-alone-'));
try {
  prepareNetwork();
  const questions = await answerNames();
  process.stdout.write(JSON.stringify(await observe(questions)));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  process.exit(); // the name server and the forwarder listen on
}

function prepareNetwork(): void {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  execFileSync('ip', ['addr', 'add', `${shopAddress}/32`, 'dev', 'lo']);
  // The only way out leads to a device that nobody reads: what goes there is counted, and gone.
  execFileSync('ip', ['tuntap', 'add', wayOut, 'mode', 'tun']);
  execFileSync('ip', ['link', 'set', wayOut, 'multicast', 'off', 'addrgenmode', 'none', 'up']);
  execFileSync('ip', ['addr', 'add', '198.51.100.2/24', 'dev', wayOut]);
  execFileSync('ip', ['route', 'add', 'default', 'dev', wayOut]);
  execFileSync('ip', ['-6', 'addr', 'add', '2001:db8::2/64', 'dev', wayOut, 'nodad']);
  execFileSync('ip', ['-6', 'route', 'add', 'default', 'dev', wayOut]);
  const [resolver, switches] = [join(folder, 'resolv.conf'), join(folder, 'nsswitch.conf')];
  writeFileSync(resolver, 'nameserver 127.0.0.1\n');
  writeFileSync(switches, 'hosts: files dns\n');
  execFileSync('mount', ['--bind', resolver, '/etc/resolv.conf']);
  execFileSync('mount', ['--bind', switches, '/etc/nsswitch.conf']);
}

async function observe(questions: string[]): Promise<Told> {
  await using site = await buildInstallation({ shopHost: shopName, traceTo: folder });
  const forwarder = createServer((from) => {
    const to = connect(site.shop.port, '127.0.0.1');
    from.pipe(to).pipe(from);
    for (const socket of [from, to]) socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((done) => forwarder.listen(site.shop.port, shopAddress, done));
  const server = await site.startServer();
  const home = await site.enrolSentinel('alone');
  writeSettings(home, { browser });
  const before = questions.length;
  const sentinel = await site.startSentinel(home);
  const orders = () => site.shop.truth().orders.length;
  for (let n = 1; n <= Number(runs); n++)
    await until(`run ${n} is done`, () => orders() >= n, { tell: sentinel.lastWords });
  const listening = listeningPorts();
  await sentinel.stop();
  await server.stop();
  const packetsOut = packetsSent();
  return {
    packetsOut,
    listening,
    isCounting: await isCounting(),
    questions: questions.slice(before),
    sentinel: contactsIn(join(folder, 'sentinel.strace')),
    server: contactsIn(join(folder, 'server.strace')),
    shop: `${shopAddress}:${site.shop.port}`,
    serverPort: site.serverPort,
  };
}

function listeningPorts(): number[] {
  const lines = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  const sockets = lines.map((line) => line.trim().split(/\s+/));
  const ports = sockets.flatMap(([, local = '', , state]) =>
    state === '0A' ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [],
  );
  return [...new Set(ports)];
}

/** Sent and dropped alike, as the kernel counts them. */
function packetsSent(): number {
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((text) => text.trim().startsWith(`${wayOut}:`));
  const counts = (line?.split(':')[1] ?? '').trim().split(/\s+/).map(Number);
  return (counts[9] ?? Number.NaN) + (counts[11] ?? Number.NaN);
}

/** Whether a packet that leaves is seen at all. */
async function isCounting(): Promise<boolean> {
  const before = packetsSent();
  const socket = createSocket('udp4');
  await new Promise<void>((done) => socket.send('x', 53, '203.0.113.1', () => done()));
  socket.close();
  return packetsSent() === before + 1;
}

/** A name server that knows one name, and writes down all that it is asked. */
async function answerNames(): Promise<string[]> {
  const questions: string[] = [];
  const socket = createSocket('udp4', (message, from) => {
    const { name, type, end } = questionOf(message);
    questions.push(name);
    socket.send(answerTo(message.subarray(0, end), name === shopName, type === 1), from.port, from.address);
  });
  await new Promise<void>((done) => socket.bind(53, '127.0.0.1', done));
  return questions;
}

function questionOf(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** The shop's address, nothing for other types, and for other names that there is none. */
function answerTo(asked: Buffer, isKnown: boolean, isAddress: boolean): Buffer {
  const answer = Buffer.from(asked);
  const has = isKnown && isAddress;
  answer.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
  answer.writeUInt16BE(has ? 1 : 0, 6);
  answer.writeUInt16BE(0, 8);
  answer.writeUInt16BE(0, 10);
  if (!has) return answer;
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...shopAddress.split('.').map(Number)]);
  return Buffer.concat([answer, record]);
}
