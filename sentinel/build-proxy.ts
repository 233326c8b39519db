import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { BuiltCertificate } from '../certs/build-certificates.ts';

export interface ProxyWishes {
  /** `Basic …` that it wants to see. */
  authorization?: string;
  /** It ends TLS itself, with this certificate, and reads what comes. */
  resign?: { leaf: BuiltCertificate; authority: BuiltCertificate };
  /** Where it really goes, whatever it is asked for: so that names can be used that this machine can't resolve. */
  port?: number;
  /** What it sends through passes this, as through a slow line. */
  line?: () => Duplex;
}

/** For tests: a real CONNECT proxy on loopback. */
export async function buildProxy(wishes: ProxyWishes = {}) {
  const seen = { connects: [] as string[], clearBytes: 0 };
  const open = new Set<Duplex>();
  const proxy = http.createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (request, client: Duplex) => {
    open.add(client.on('error', () => {})); // who is refused may reset the connection
    seen.connects.push(request.url ?? '');
    if (wishes.authorization && request.headers['proxy-authorization'] !== wishes.authorization) {
      return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
    }
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (wishes.resign) return void readInClear(client, wishes.resign, seen);
    const port = wishes.port ?? Number(new URL(`http://${request.url}`).port);
    const server = net.connect(port, '127.0.0.1').on('error', () => client.destroy());
    open.add(server);
    (wishes.line ? client.pipe(wishes.line()) : client).pipe(server).pipe(client);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const { port } = proxy.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => proxy.close(done));
    },
  };
}

function readInClear(
  client: Duplex,
  { leaf, authority }: NonNullable<ProxyWishes['resign']>,
  seen: { clearBytes: number },
): void {
  const secureContext = tls.createSecureContext({ cert: `${leaf.certPem}\n${authority.certPem}`, key: leaf.keyPem });
  const inside = new tls.TLSSocket(client, { isServer: true, secureContext });
  inside.on('error', () => {}); // being refused is what is tested
  inside.on('data', (chunk: Buffer) => {
    seen.clearBytes += chunk.length;
    inside.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
  });
}
