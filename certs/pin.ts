import { constants, createHash, X509Certificate } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';

/*
 * What a client of ours trusts is decided here and nowhere else: every TLS connection of a sentinel or a command line is
 * made from `pinnedTls`, but for the one handshake of `learnCa`, which carries no data.
 */

/** The oldest TLS that either side speaks. */
const minVersion = 'TLSv1.2';
const handshakeMs = 10_000;

/** What a client is told to trust: PEM of the authorities, and the pins of which one must be in the chain. */
export interface Trust {
  ca: string;
  pins: ReadonlySet<string>;
}

/** SHA-256 of a certificate's public key (SPKI form), base64: what `curl --pinnedpubkey` writes after `sha256//`. */
export function spkiPin(certificate: Uint8Array): string {
  return pinOf(new X509Certificate(certificate));
}

/** The server has proved who it is, and it is not one that we have a pin of. */
export class PinMismatch extends Error {
  readonly host: string;
  /** Pins of the server's certificate and of those that signed it, in this order. */
  readonly seen: readonly string[];
  readonly issuer: string;

  constructor(host: string, chain: readonly X509Certificate[]) {
    const seen = chain.map(pinOf);
    const issuer = nameOf(chain[0]);
    super(
      `the server at ${host} is not the expected one: its certificate is signed by ${issuer}; ` +
        `none of the pins seen is trusted (seen: ${seen.join(', ')})`,
    );
    this.name = 'PinMismatch';
    this.host = host;
    this.seen = seen;
    this.issuer = issuer;
  }
}

/**
 * Options for `tls.connect` (or undici's `connect`) with which a handshake succeeds only if the chain leads to `ca`, the
 * host's name and the dates are right, and a pin is that of the server's own key or of an authority that signed it.
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

/**
 * PEM of the authority behind the server at `host`, provided its chain holds a pinned key; throws `PinMismatch` otherwise.
 * So a pin alone is enough to begin with: who knows the pin can't be given a false authority.
 */
export async function learnCa(host: string, port: number, pins: ReadonlySet<string>): Promise<string> {
  const chain = signedChain(await presentedCertificate(host, port));
  const pinned = chain.find((c) => pins.has(pinOf(c)));
  if (!pinned) throw new PinMismatch(host, chain);
  // A pin of the server's own key: the authority is whatever signed it; the pin is still asked for on every connection.
  const authority = pinned.ca ? pinned : (chain.at(-1) ?? pinned);
  return authority.toString();
}

/**
 * The only handshake without verification, since the authority it would be verified against is what we come for. No byte
 * of ours follows it, and all that is taken from it is a certificate whose key is pinned or has signed a pinned key.
 */
function presentedCertificate(host: string, port: number): Promise<tls.DetailedPeerCertificate> {
  const { promise, resolve, reject } = Promise.withResolvers<tls.DetailedPeerCertificate>();
  const servername = net.isIP(host) ? '' : host;
  const socket = tls.connect({ host, port, servername, minVersion, rejectUnauthorized: false }, () =>
    resolve(socket.getPeerCertificate(true)),
  );
  socket.setTimeout(handshakeMs, () => socket.destroy(timedOut(host, port)));
  socket.once('error', reject);
  socket.once('close', () => reject(closedEarly(host, port)));
  return promise.finally(() => socket.destroy());
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
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}

/** Who signed a certificate, safe to print: a stranger chose the text. */
function nameOf(certificate: X509Certificate | undefined): string {
  const issuer = certificate?.issuer.replaceAll('\n', ', ').replaceAll(/\p{C}/gu, ' ');
  return issuer ? issuer.slice(0, 200) : 'nobody it names';
}

function timedOut(host: string, port: number): Error {
  return Object.assign(new Error(`${host}:${port} did not finish the TLS handshake in time`), { code: 'ETIMEDOUT' });
}

function closedEarly(host: string, port: number): Error {
  return Object.assign(new Error(`${host}:${port} closed the connection during the TLS handshake`), {
    code: 'ECONNRESET',
  });
}
