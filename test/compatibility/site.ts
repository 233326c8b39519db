import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { buildCa, buildCertificate } from '../../certs/build-certificates.ts';

/** What the compatibility scripts talk to: pages, and answers that tell what was asked. */
export interface Site {
  url: string;
  /** The same over TLS, to those who show a certificate; its own is signed by nobody that is known. */
  secureUrl: string;
  clientCert: string;
  clientKey: string;
  close(): void;
}

export async function startSite(): Promise<Site> {
  const ca = await buildCa();
  const own = await buildCertificate({ issuer: ca, names: ['127.0.0.1'] });
  const client = await buildCertificate({ issuer: ca, subject: 'CN=client' });
  const plain = createServer(answer);
  const identity = { cert: own.certPem, key: own.keyPem };
  const secure = createSecureServer(
    { ...identity, ca: ca.certPem, requestCert: true, rejectUnauthorized: true },
    answer,
  );
  const close = () => {
    for (const server of [plain, secure]) server.close().closeAllConnections();
  };
  return {
    url: `http://127.0.0.1:${await portOf(plain)}`,
    secureUrl: `https://127.0.0.1:${await portOf(secure)}`,
    clientCert: client.certPem,
    clientKey: client.keyPem,
    close,
  };
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const pages: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {
  '/': (_, to) => to.setHeader('content-type', 'text/html').end('<title>Site</title><h1>Site</h1>'),
  '/echo': async (from, to) =>
    json(to, { method: from.method, url: from.url, headers: from.headers, body: await bodyOf(from) }),
  '/again': (_, to) => to.writeHead(302, { location: '/again-too' }).end(),
  '/again-too': (_, to) => to.writeHead(302, { location: '/echo' }).end(),
  '/seen': (_, to) => to.setHeader('set-cookie', 'seen=yes; path=/').end('seen'),
  '/locked': (from, to) => {
    const isKnown = from.headers.authorization === `Basic ${Buffer.from('demo:secret').toString('base64')}`;
    if (!isKnown) to.writeHead(401, { 'www-authenticate': 'Basic realm="site"' });
    to.end(isKnown ? '<h1>Unlocked</h1>' : '<h1>Locked</h1>');
  },
  '/broken': (_, to) => to.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Broken</h1>'),
  '/slow': async (_, to) => {
    await after(3000, undefined, { ref: false });
    to.end('late');
  },
  '/report.csv': (_, to) => to.setHeader('content-disposition', 'attachment; filename="report.csv"').end('a;b\n1;2\n'),
};

const answer: RequestListener = (request, response) => {
  const page = pages[new URL(request.url ?? '/', 'http://site').pathname];
  if (page) void page(request, response);
  else response.writeHead(404).end('there is no such page');
};

function json(to: ServerResponse, value: unknown): void {
  to.setHeader('content-type', 'application/json').end(JSON.stringify(value));
}

async function bodyOf(from: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = await from.toArray();
  return Buffer.concat(chunks).toString();
}
