import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http';
import https, { Agent } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { pinnedTls, type Trust } from '../certs/pin.ts';

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** For tests: keeps connections to a pinned server, and gives them up before the server does. */
export function pinnedAgent(trust: Trust): Agent {
  return new Agent({ ...pinnedTls(trust), keepAlive: true, timeout: 4000 });
}

/** For tests: one request and its whole answer. The path is sent as it is, dots and all. */
export async function send(
  origin: string,
  { headers, ...options }: RequestOptions & { headers?: Record<string, string> },
  body?: string | Uint8Array,
): Promise<RawAnswer> {
  const { request } = origin.startsWith('https:') ? https : http;
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const sent = request(origin, { ...options, headers: { ...length, ...headers } });
  sent.on('error', () => {}); // what waits for the answer tells of it
  const [answer]: IncomingMessage[] = await once(sent.end(body), 'response');
  if (!answer) throw new Error('there is no answer');
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await buffer(answer) };
}
