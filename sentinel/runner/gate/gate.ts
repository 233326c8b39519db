import { type LookupAddress, lookup } from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, isIP, type LookupFunction, type Socket } from 'node:net';
import type { ErrorCode } from '../../protocol/error-codes.ts';
import { type Connection, newConnection, timeConnecting, timeHandshake } from './connection.ts';
import { entryOf, isLocal, isLocalName, isNamed } from './hosts.ts';
import { isOurs } from './peer.ts';
import { answer, readRequest } from './socks.ts';

/** Why the gate let something not pass: the rule, or the network. */
export interface GateFault {
  /** `host:port`, as it was asked for. */
  host: string;
  code: Extract<ErrorCode, 'HOST_DENIED' | 'DNS' | 'CONNECT'>;
}

export class GateError extends Error {
  readonly fault: GateFault;
  constructor(fault: GateFault, cause?: unknown) {
    super(`${fault.host}: ${fault.code}`, { cause });
    this.fault = fault;
  }
}

/** What one run may reach. */
export interface Passage {
  /** The latest of what did not pass. */
  readonly faults: readonly GateFault[];
  /** `host:port` of what was denied, each once; the first ones. */
  readonly denied: ReadonlySet<string>;
  /** `host:port` of what was connected to. */
  readonly reached: ReadonlySet<string>;
  /** Of the browser, as they came about; the latest ones. */
  readonly connections: readonly Connection[];
  /** Connects to a host of the run; rejects with a GateError. */
  connect(host: string, port: number): Promise<Socket>;
  /** Cuts whatever is open. */
  close(): void;
}

interface BrowserPassage extends Passage {
  /** Connects, and keeps the times of the connection. */
  connectBrowser(host: string, port: number): Promise<{ upstream: Socket; connection: Connection }>;
}

/** The one way out for a browser: a SOCKS proxy on a loopback port that lets through to the hosts of the run under way only. */
export interface Gate {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Lets through to `hosts` (`name` or `name:port`) until the passage is closed; one passage at a time is the browser's. */
  open(hosts: readonly string[]): Passage;
  close(): void;
}

/** A client that does not say where it wants to go is no browser. */
const helloMs = 10_000;
/** A part of a request is not held back until the one before is acknowledged, which hosts do after 40 ms: browsers do not either. */
const noDelay = true;
const mostFaults = 200;
const mostDenied = 20;
const mostConnections = 1000;

/** `resolve` asks a name server, for tests. */
export async function openGate(resolve: typeof lookup = lookup): Promise<Gate> {
  let current: BrowserPassage | undefined;
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay }, (client) => {
    const passage = current;
    clients.add(client);
    client.once('close', () => clients.delete(client)).on('error', () => client.destroy());
    if (passage) void serve(client, passage);
    else client.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.on('error', () => {}); // a connection could not be taken, for want of files, say: the browser sees it fail
  const { port } = server.address() as AddressInfo;
  const cut = () => {
    for (const client of clients) client.destroy();
  };
  return {
    address: `127.0.0.1:${port}`,
    open(hosts) {
      const passage = openPassage(hosts, resolve);
      const close = () => {
        if (current !== whole) return;
        current = undefined;
        cut();
        passage.close();
      };
      const whole = { ...passage, close };
      current?.close();
      current = whole;
      return whole;
    },
    close() {
      current?.close();
      cut();
      server.close();
    },
  };
}

async function serve(client: Socket, passage: BrowserPassage): Promise<void> {
  const ours = isOurs(client); // looked at while the client says where it wants to go
  try {
    const { host, port } = await readRequest(client, helloMs);
    if (!(await ours)) return void client.destroy();
    const { upstream, connection } = await passage.connectBrowser(host, port);
    if (client.destroyed) return void upstream.destroy();
    answer(client, 'open');
    join(client, upstream);
    timeHandshake(connection, client);
  } catch (error) {
    if (error instanceof GateError) answer(client, error.fault.code);
    client.end(() => client.destroy());
  }
}

/** Each side may end its half and still hear the other; when one is gone, so is the other. */
function join(client: Socket, upstream: Socket): void {
  client.pipe(upstream);
  upstream.pipe(client);
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => client.destroy());
}

function openPassage(hosts: readonly string[], resolve: typeof lookup): BrowserPassage {
  const faults: GateFault[] = [];
  const denied = new Set<string>();
  const reached = new Set<string>();
  const connections: Connection[] = [];
  const open = new Set<Socket>();
  let closed = false;
  const refuse = (host: string, code: GateFault['code'], cause?: unknown) => {
    const fault = { host, code };
    faults.push(fault);
    if (faults.length > mostFaults) faults.shift();
    if (code === 'HOST_DENIED' && denied.size < mostDenied) denied.add(host);
    return new GateError(fault, cause);
  };
  const openSocket = async (host: string, port: number, began: (socket: Socket) => void): Promise<Socket> => {
    const name = host.toLowerCase();
    const asked = entryOf(name, port);
    if (closed || !isNamed(hosts, name, port)) throw refuse(asked, 'HOST_DENIED');
    const lookups = isIP(name) ? {} : { lookup: isLocalName(name) ? resolve : outside(resolve) };
    const socket = connect({ host: name, port, allowHalfOpen: true, noDelay, autoSelectFamily: true, ...lookups });
    began(socket);
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    try {
      await once(socket, 'connect');
    } catch (error) {
      throw refuse(asked, codeOf(error), error);
    }
    reached.add(asked);
    socket.on('error', () => socket.destroy());
    return socket;
  };
  return {
    faults,
    denied,
    reached,
    connections,
    connect: (host, port) => openSocket(host, port, () => {}),
    async connectBrowser(host, port) {
      const connection = newConnection(host, port);
      const upstream = await openSocket(host, port, (socket) => timeConnecting(connection, socket));
      connections.push(connection);
      if (connections.length > mostConnections) connections.shift();
      return { upstream, connection };
    },
    close() {
      closed = true;
      for (const socket of open) socket.destroy(new Error('the run is over'));
    },
  };
}

class LocalAddress extends Error {}

/** A name that resolves to this machine would open what a script may not reach; loopback has to be listed itself. */
function outside(resolve: typeof lookup): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const others = addresses.filter(({ address }) => !isLocal(address));
      const [first] = others as [LookupAddress?];
      if (!first) return done(new LocalAddress(`${host} is this machine`), []);
      if (options.all) done(null, others);
      else done(null, first.address, first.family);
    });
  };
}

function codeOf(error: unknown): GateFault['code'] {
  if (error instanceof LocalAddress) return 'HOST_DENIED';
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'getaddrinfo' ? 'DNS' : 'CONNECT';
}
