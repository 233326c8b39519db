import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, isIP, type Socket } from 'node:net';
import type { ErrorCode } from '../protocol/error-codes.ts';

/** Why the gate let something not pass: the rule, or the network. */
export interface GateFault {
  host: string;
  code: Extract<ErrorCode, 'HOST_DENIED' | 'DNS' | 'CONNECT'>;
}

/** The one way out for a browser: a proxy on a loopback port that lets through to the hosts of the run under way only. */
export interface Gate {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Hosts (`name` or `name:port`) that may be reached from now on; forgets earlier faults and cuts what is open. */
  allow(hosts: readonly string[]): void;
  readonly faults: readonly GateFault[];
  close(): void;
}

export async function openGate(): Promise<Gate> {
  let allowed: readonly string[] = [];
  let faults: GateFault[] = [];
  const open = new Set<Socket>();

  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => open.delete(socket));
  };

  /** Address to connect to; throws a fault, which is kept. */
  const admit = async (host: string, port: number): Promise<string> => {
    const refuse = (code: GateFault['code']) => {
      faults.push({ host: `${host}:${port}`, code });
      return new Error(code);
    };
    const named = allowed.includes(`${host}:${port}`) || allowed.includes(host);
    if (!named) throw refuse('HOST_DENIED');
    const addresses = isIP(host) ? [host] : await lookupAll(host).catch(() => []);
    if (addresses.length === 0) throw refuse('DNS');
    // A name that resolves to this machine would open what a script may not reach; loopback has to be listed itself.
    const outside = isLoopbackName(host) ? addresses : addresses.filter((a) => !isLocal(a));
    if (outside[0] === undefined) throw refuse('HOST_DENIED');
    return outside[0];
  };

  const server = createServer();
  server.on('connection', keep);
  server.on('request', (incoming, answer) => void plain(incoming, answer, admit, keep, (f) => faults.push(f)));
  server.on(
    'connect',
    (incoming: IncomingMessage, client: Socket) => void tunnel(incoming, client, admit, keep, (f) => faults.push(f)),
  );
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    allow(hosts) {
      allowed = hosts.map((h) => h.toLowerCase());
      faults = [];
      for (const socket of open) socket.destroy();
    },
    get faults() {
      return faults;
    },
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

type Admit = (host: string, port: number) => Promise<string>;

/** `http://` requests and web sockets without TLS come with an absolute address. */
async function plain(
  incoming: IncomingMessage,
  answer: ServerResponse,
  admit: Admit,
  keep: (socket: Socket) => void,
  fault: (fault: GateFault) => void,
): Promise<void> {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : undefined;
  // No answer of our own: a page made by the gate would look like the application's.
  if (url?.protocol !== 'http:') return void incoming.socket.destroy();
  const port = Number(url.port || 80);
  try {
    const address = await admit(bare(url.hostname), port);
    const { 'proxy-connection': _, ...headers } = incoming.headers;
    const outgoing = request({
      host: address,
      port,
      method: incoming.method,
      path: url.pathname + url.search,
      headers,
      agent: false,
    });
    outgoing.on('socket', keep);
    outgoing.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.statusMessage, response.rawHeaders);
      response.pipe(answer);
      response.on('error', () => answer.destroy());
    });
    outgoing.on('error', () => {
      if (!answer.headersSent) fault({ host: `${bare(url.hostname)}:${port}`, code: 'CONNECT' });
      incoming.socket.destroy();
    });
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  } catch {
    incoming.socket.destroy(); // the fault has been kept by admit
  }
}

async function tunnel(
  incoming: IncomingMessage,
  client: Socket,
  admit: Admit,
  keep: (socket: Socket) => void,
  fault: (fault: GateFault) => void,
): Promise<void> {
  const target = URL.canParse(`http://${incoming.url}`) ? new URL(`http://${incoming.url}`) : undefined;
  const port = Number(/:(\d+)$/.exec(incoming.url ?? '')?.[1] ?? 443);
  if (!target) return void client.destroy();
  const host = bare(target.hostname);
  try {
    const address = await admit(host, port);
    const upstream = connect(port, address);
    keep(upstream);
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    upstream.once('error', () => {
      if (upstream.bytesRead === 0) fault({ host: `${host}:${port}`, code: 'CONNECT' });
      client.destroy();
    });
    client.once('close', () => upstream.destroy());
  } catch {
    client.end('HTTP/1.1 403 Forbidden\r\n\r\n'); // the fault has been kept by admit
  }
}

async function lookupAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map((a) => a.address);
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLocal(host);
}

/** Loopback, link-local and unspecified addresses of both families, IPv4 written as IPv6 included. */
function isLocal(address: string): boolean {
  const v4 = address.replace(/^::ffff:/i, '');
  return /^(127\.|169\.254\.|0\.)/.test(v4) || /^(::1|::|fe[89ab][0-9a-f]:.*)$/i.test(address);
}
