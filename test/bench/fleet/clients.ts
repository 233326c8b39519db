import tls, { type TLSSocket } from 'node:tls';
import { letInMs, pinnedTls } from '../../../certs/pin.ts';
import { BackOff } from '../../../sentinel/link/back-off.ts';
import { longestS, Patience } from '../../../sentinel/link/patience.ts';
import { apiPrefix, headers } from '../../../sentinel/protocol/messages.ts';

/*
 * The fleet's side, a process of its own: as many sentinels as it is told, each with one connection on which it asks for
 * news, again and again. No more of HTTP than that takes, so that the process that is measured is the server's.
 */

export interface Fleet {
  port: number;
  ca: string;
  pins: readonly string[];
  sentinels: readonly { id: string; apiKey: string }[];
  /** How many may be connecting at once at the start; later on the back-off decides alone. */
  atOnce: number;
}

export type Told =
  /** So many hold an open request for news. */
  | { kind: 'waiting'; count: number }
  /** A sentinel was told something new at that instant, ms since 1970. */
  | { kind: 'news'; index: number; at: number }
  | { kind: 'failed'; why: string };

const tell = (told: Told) => process.send?.(told);
/** Loopback has many addresses: one alone would run out of ports, and would be many sentinels behind one. */
const addressOf = (index: number) => `127.0.${1 + (index >> 8)}.${1 + ((index & 0xff) % 250)}`;
let waiting = 0;
let openings = 0;
const queue: (() => void)[] = [];

process.once('message', (fleet: Fleet) => {
  const pinned = pinnedTls({ ca: fleet.ca, pins: new Set(fleet.pins) });
  const trust = { ...pinned, checkServerIdentity: onceEach(pinned.checkServerIdentity) };
  const secureContext = tls.createSecureContext(trust);
  fleet.sentinels.forEach((_, index) => {
    void live(fleet, index, { ...trust, secureContext });
  });
  setInterval(() => tell({ kind: 'waiting', count: waiting }), 100);
});
process.once('disconnect', () => process.exit());

/** Ten thousand look at the same certificate: that each does so anew would load the machine on which the server is measured. */
function onceEach(check: (host: string, certificate: tls.PeerCertificate) => Error | undefined): typeof check {
  const good = new Set<string>();
  return (host, certificate) => {
    if (good.has(certificate.fingerprint256)) return undefined;
    const wrong = check(host, certificate);
    if (!wrong) good.add(certificate.fingerprint256);
    return wrong;
  };
}

/** Connects and asks until the process ends. */
async function live(fleet: Fleet, index: number, trust: tls.ConnectionOptions): Promise<never> {
  const [backOff, patience] = [new BackOff(), new Patience()];
  while (patience.waitS < longestS) patience.saw('unchanged', patience.waitS); // as if it had run for some minutes
  let etag = '';
  for (let first = true; ; first = false) {
    try {
      if (first) await turn(fleet.atOnce);
      const socket = await connect(fleet.port, index, trust).finally(() => first && done());
      for (;;) {
        const asked = performance.now();
        const answer = await ask(socket, question(fleet, index, etag, patience.waitS));
        if (answer.status === 304) patience.saw('unchanged', (performance.now() - asked) / 1000);
        if (answer.status >= 400) throw new Error(`HTTP ${answer.status}`);
        if (answer.status === 200 && etag !== '') tell({ kind: 'news', index, at: Date.now() });
        etag = answer.etag;
        backOff.reset();
      }
    } catch (error) {
      if (String(error).includes('HTTP')) tell({ kind: 'failed', why: String(error) });
    }
    await new Promise((resolve) => setTimeout(resolve, backOff.next()));
  }
}

async function turn(atOnce: number): Promise<void> {
  if (openings++ >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
}

function done(): void {
  openings--;
  queue.shift()?.();
}

function connect(port: number, index: number, trust: tls.ConnectionOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const to = { ...trust, host: '127.0.0.1', port, localAddress: addressOf(index), servername: 'localhost' };
    const socket = tls.connect(to, () => {
      socket.setTimeout(0);
      resolve(socket);
    });
    socket.setTimeout(letInMs, () => socket.destroy(new Error('late')));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });
}

function question({ sentinels }: Fleet, index: number, etag: string, waitS: number): string {
  const { id = '', apiKey = '' } = sentinels[index] ?? {};
  const news = etag === '' ? '' : `if-none-match: ${etag}\r\nprefer: wait=${waitS}\r\n`;
  const who = `authorization: Bearer ${apiKey}\r\n${headers.sentinel}: ${id}\r\n${headers.boot}: boot-${index}\r\n`;
  return `GET ${apiPrefix}/assignments HTTP/1.1\r\nhost: localhost\r\n${who}${headers.counter}: 1\r\naccept-encoding: gzip\r\n${news}\r\n`;
}

function ask(socket: TLSSocket, text: string): Promise<{ status: number; etag: string }> {
  const isWaiting = text.includes('prefer:') ? 1 : 0;
  waiting += isWaiting;
  return new Promise<{ status: number; etag: string }>((resolve, reject) => {
    let seen = '';
    const hear = (data: Buffer) => {
      seen += data.toString('latin1');
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = seen.slice(0, end);
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (seen.length < end + 4 + length) return;
      socket.off('data', hear).off('close', gone);
      resolve({ status: Number(head.slice(9, 12)), etag: /\r\netag: (\S+)/i.exec(head)?.[1] ?? '' });
    };
    const gone = () => reject(new Error('closed'));
    socket.on('data', hear).once('close', gone);
    if (socket.destroyed) gone();
    else socket.write(text);
  }).finally(() => {
    waiting -= isWaiting;
  });
}
