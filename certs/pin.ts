import { constants, createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import net from 'node:net';
import { addAbortSignal } from 'node:stream';
import tls from 'node:tls';

/*
 * What a client of ours trusts is decided here and nowhere else: every TLS connection of a sentinel or a command line is
 * made from `pinnedTls`, but for the one handshake of `learnCa`, which carries no data.
 */

/** The oldest TLS that either side speaks. */
const minVersion = 'TLSv1.2';
const handshakeMs = 10_000;
/** ms until a server is reached. */
export const connectMs = 20_000;
/**
 * From then on, until it has shaken hands (ms): one that was away lets its sentinels in one by one. Ten thousand take 40 s;
 * who gave up before and came again would wait behind those who came meanwhile.
 */
export const letInMs = 45_000;
/** After so long without a word it is looked whether the other side is still there. */
const keepAliveInitialDelay = 60_000;

/** Where a server is; `way` is a connection to it that is already there, such as a proxy's tunnel. */
export interface Target {
  host: string;
  port: number;
  way?: net.Socket | undefined;
  /** Called as the handshake begins. */
  onReached?: () => void;
}

/** What a client is told to trust: PEM of the authorities, and the pins of which one must be in the chain. */
export interface Trust {
  ca: string;
  pins: ReadonlySet<string>;
}

/** SHA-256 of a certificate's public key (SPKI form), base64: what `curl --pinnedpubkey` writes after `sha256//`. */
export function spkiPin(certificate: Uint8Array): string {
  return pinOf(new X509Certificate(certificate));
}

/** The same of a key (PEM): a private or public one, or a certificate's. Throws what `createPublicKey` does. */
export function keyPin(pem: string): string {
  return pinOfKey(createPublicKey(pem));
}

/** The server has shown keys of which none is pinned here. Nothing was sent to it. */
export class PinMismatch extends Error {
  /** Where it was asked for: a host, with the port where that is known. */
  readonly address: string;
  /** Pins of the server's certificate and of those that signed it, in this order. */
  readonly seen: readonly string[];
  readonly issuer: string;

  constructor(address: string, chain: readonly X509Certificate[]) {
    const issuer = nameOf(chain[0]);
    super(`the server at ${address} is not the expected one: its certificate is signed by ${issuer}`);
    this.name = 'PinMismatch';
    this.address = address;
    this.seen = chain.map(pinOf);
    this.issuer = issuer;
  }
}

/**
 * Options for `tls.connect` with which a handshake succeeds only if the chain leads to `ca`, the host's name and the dates
 * are right, and a pin is that of the server's own key or of an authority that signed it.
 */
export function pinnedTls({ ca, pins }: Trust) {
  return {
    ca,
    minVersion,
    rejectUnauthorized: true, // not left out: NODE_TLS_REJECT_UNAUTHORIZED=0 would make the check below advice
    maxCachedSessions: 0, // the check is not called for a resumed session
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION, // TLS 1.2 could change the certificate after the check
    checkServerIdentity(host: string, certificate: tls.PeerCertificate): Error | undefined {
      const wrongName = tls.checkServerIdentity(host, certificate);
      if (wrongName) return wrongName;
      const chain = signedChain(certificate);
      return chain.some((c) => pins.has(pinOf(c))) ? undefined : new PinMismatch(host, chain);
    },
  } as const;
}

/** What `mysql2` is to make TLS from: the database server's certificate is signed by `ca` and has the name it was called by. */
export function databaseTls(ca: string) {
  return { ca, minVersion, rejectUnauthorized: true, verifyIdentity: true } as const;
}

/**
 * A connection that has proved a pinned key to `trust`; until then nothing can be written to it. `closed` ends it at any
 * time. Throws `PinMismatch`, or what Node says of a connection that could not be made or is refused.
 */
export function connectPinned(target: Target, trust: Trust, closed: AbortSignal): Promise<tls.TLSSocket> {
  const { host, port } = target;
  const { promise, resolve, reject } = Promise.withResolvers<tls.TLSSocket>();
  const socket = tls.connect({ ...towards(target), ...pinnedTls(trust), ALPNProtocols: ['http/1.1'] }, () => {
    try {
      confirmPinned(socket, `${host}:${port}`, trust.pins);
      resolve(socket);
    } catch (error) {
      reject(error);
      socket.destroy();
    }
  });
  let late = setTimeout(() => socket.destroy(notReached(host, port)), connectMs);
  const reached = () => {
    clearTimeout(late);
    late = setTimeout(() => socket.destroy(handshakeLate(host, port)), letInMs);
    target.onReached?.();
  };
  if (target.way) reached();
  else socket.once('connect', reached);
  socket.on('error', reject); // stays: between two requests nobody else listens
  socket.once('close', () => reject(closedEarly(host, port)));
  addAbortSignal(closed, socket);
  return promise.finally(() => clearTimeout(late));
}

/**
 * Throws `PinMismatch` unless `socket` has just proved a pinned key in a handshake of its own. It asks the connection, not
 * the options that were given for it: so it also holds should a library drop one of them, or resume a session.
 */
function confirmPinned(socket: tls.TLSSocket, address: string, pins: ReadonlySet<string>): void {
  const certificate = socket.getPeerCertificate(true);
  const chain = certificate?.raw ? signedChain(certificate) : [];
  const proved = socket.authorized && !socket.isSessionReused();
  if (!proved || !chain.some((c) => pins.has(pinOf(c)))) throw new PinMismatch(address, chain);
}

/**
 * PEM of the authority behind the server at `host`, provided its chain holds a pinned key; throws `PinMismatch` otherwise.
 * So a pin alone is enough to begin with, and to go over to a backup: who knows the pin can't be given a false authority.
 */
export async function learnCa(target: Target, pins: ReadonlySet<string>): Promise<string> {
  const chain = signedChain(await presentedCertificate(target));
  const authority = chain.at(-1);
  // Of a pin below the authority, the authority is whatever signed it; the pin is still asked for on every connection.
  if (authority && chain.some((c) => pins.has(pinOf(c)))) return authority.toString();
  throw new PinMismatch(`${target.host}:${target.port}`, chain);
}

/**
 * The only handshake without verification, since the authority it would be verified against is what we come for. No byte
 * of ours follows it, and all that is taken from it is a certificate whose key is pinned or has signed a pinned key.
 */
function presentedCertificate(target: Target): Promise<tls.DetailedPeerCertificate> {
  const { host, port } = target;
  const { promise, resolve, reject } = Promise.withResolvers<tls.DetailedPeerCertificate>();
  const socket = tls.connect({ ...towards(target), minVersion, rejectUnauthorized: false }, () =>
    resolve(socket.getPeerCertificate(true)),
  );
  if (target.way) target.onReached?.();
  else socket.once('connect', () => target.onReached?.());
  const late = () => (socket.connecting ? notReached(host, port) : handshakeLate(host, port));
  socket.setTimeout(handshakeMs, () => socket.destroy(late()));
  socket.once('error', reject);
  socket.once('close', () => reject(closedEarly(host, port)));
  return promise.finally(() => socket.destroy());
}

/** An address is no server name (RFC 6066). */
function towards({ host, port, way }: Target) {
  return {
    host,
    port,
    socket: way,
    servername: net.isIP(host) ? '' : host,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay,
  };
}

/**
 * The server's certificate and those above it, as far as each has truly signed the one before. A peer may append any
 * certificate to its chain, ours too, so a name that fits is not enough.
 */
function signedChain(leaf: tls.PeerCertificate | tls.DetailedPeerCertificate): X509Certificate[] {
  let below = new X509Certificate(leaf.raw);
  const chain = [below];
  let at = leaf;
  while (chain.length < 10 && 'issuerCertificate' in at && at.issuerCertificate?.raw) {
    at = at.issuerCertificate;
    const above = new X509Certificate(at.raw);
    if (above.fingerprint256 === below.fingerprint256) break;
    if (!above.ca || !below.checkIssued(above) || !below.verify(above.publicKey)) break;
    chain.push(above);
    below = above;
  }
  return chain;
}

function pinOf(certificate: X509Certificate): string {
  return pinOfKey(certificate.publicKey);
}

function pinOfKey(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}

/** Who signed a certificate, safe to print: a stranger chose the text. */
function nameOf(certificate: X509Certificate | undefined): string {
  const issuer = certificate?.issuer.replaceAll('\n', ', ').replaceAll(/\p{C}/gu, ' ');
  return issuer ? issuer.slice(0, 100) : 'nobody it names';
}

function notReached(host: string, port: number): Error {
  return Object.assign(new Error(`${host}:${port} was not reached in time`), { code: 'ETIMEDOUT' });
}

function handshakeLate(host: string, port: number): Error {
  return new Error(`${host}:${port} did not finish the TLS handshake in time`);
}

function closedEarly(host: string, port: number): Error {
  return Object.assign(new Error(`${host}:${port} closed the connection during the TLS handshake`), {
    code: 'ECONNRESET',
  });
}
