import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { type BuiltCertificate, buildCa, buildCertificate } from '../certs/build-certificates.ts';
import { spkiPin, type Trust } from '../certs/pin.ts';

export interface FakeRequest {
  method: string;
  /** Without the prefix of the protocol. */
  path: string;
  headers: IncomingHttpHeaders;
  /** Unpacked. */
  body: Buffer;
}

/** What to answer: a status with JSON, a text or bytes; or `cut`: the connection is closed without an answer. */
export type FakeAnswer =
  | { status?: number; json?: unknown; text?: string | Buffer; headers?: Record<string, string> }
  | 'cut'
  | ((response: ServerResponse) => void);

/** For tests: a real HTTPS server with a pinned authority, whose answers the test decides. */
export async function buildServer(answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>) {
  const ca = await buildCa();
  const leaf = await buildCertificate({ issuer: ca });
  const requests: FakeRequest[] = [];
  const server = https.createServer(
    { cert: `${leaf.certPem}\n${ca.certPem}`, key: leaf.keyPem },
    async (asked, response) => {
      const path = (asked.url ?? '').replace(/^\/sentinel\/v1/, '');
      const sent = await buffer(asked);
      const body = asked.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      const request = { method: asked.method ?? '', path, headers: asked.headers, body };
      requests.push(request);
      send(response, await answer(request));
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const trust: Trust = { ca: ca.certPem, pins: new Set([spkiPin(ca.raw)]) };
  return {
    url,
    trust,
    pin: spkiPin(ca.raw),
    requests,
    /** From now on its chain leads to another authority, and open connections are cut. */
    async goOverTo(other: BuiltCertificate, own?: BuiltCertificate): Promise<void> {
      const next = own ?? (await buildCertificate({ issuer: other }));
      server.setSecureContext({ cert: `${next.certPem}\n${other.certPem}`, key: next.keyPem });
      server.closeAllConnections();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function send(response: ServerResponse, answer: FakeAnswer): void {
  if (answer === 'cut') response.destroy();
  else if (typeof answer === 'function') answer(response);
  else {
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.text ?? JSON.stringify(answer.json ?? {}));
  }
}

/** A problem document of the protocol. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): FakeAnswer {
  return { status, json: { type: 'about:blank', title: 'No', status, code, detail: `because ${code}` }, headers };
}
