import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls, { type SecureVersion } from 'node:tls';
import type { BuiltCertificate } from './build-certificates.ts';

/** For tests: a TLS server that counts every byte above TLS, and answers what looks like a request. */
export async function buildTlsServer(
  certificates: readonly BuiltCertificate[],
  version: SecureVersion,
  more: tls.TlsOptions = {},
) {
  const seen = { connections: 0, bytes: 0, requests: 0, posts: 0 };
  const options = {
    cert: certificates.map((c) => c.certPem).join('\n'),
    key: certificates[0]?.keyPem ?? '',
    minVersion: version,
    maxVersion: version,
    ...more,
  };
  const open = new Set<tls.TLSSocket>();
  const server = tls.createServer(options, (socket) => {
    open.add(socket);
    seen.connections++;
    socket.on('error', () => {}); // a client that refuses may reset the connection
    socket.on('data', (chunk: Buffer) => {
      seen.bytes += chunk.length;
      if (!chunk.includes('HTTP/1.1\r\n')) return;
      seen.requests++;
      if (chunk.toString('latin1').startsWith('POST')) seen.posts++;
      const isLast = /^connection: close\r$/im.test(chunk.toString('latin1'));
      const answer = `HTTP/1.1 200 OK\r\n${isLast ? 'connection: close\r\n' : ''}content-length: 2\r\n\r\n{}`;
      if (isLast) socket.end(answer);
      else socket.write(answer);
    });
  });
  server.on('tlsClientError', () => {}); // being refused is what the test is about
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
