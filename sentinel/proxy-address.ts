import { isIP } from 'node:net';

/** A proxy through which the server is reached by CONNECT. */
export interface HttpProxy {
  /** `http://host:port`, without name and password: safe to print. */
  origin: string;
  /** Value of `proxy-authorization`, if the proxy wants one. */
  authorization?: string;
}

/** What the environment says of proxies. */
export interface ProxyVariables {
  httpsProxy?: string;
  noProxy?: string;
}

/** A proxy's address can't be used; the message never holds the password. */
export class ProxyAddressFault extends Error {
  override readonly name = 'ProxyAddressFault';
}

/** A proxy from its address, `http://[name:password@]host:port`. Throws `ProxyAddressFault`. */
export function httpProxy(address: string): HttpProxy {
  const url = URL.parse(address.includes('://') ? address : `http://${address}`);
  const login = decoded(`${url?.username}:${url?.password}`);
  const isAddress = url?.protocol === 'http:' && url.hostname !== '' && url.pathname === '/' && url.search === '';
  if (!isAddress || login === undefined) {
    const shown = url?.host ? ` ${url.host}` : '';
    throw new ProxyAddressFault(
      `the address of the proxy${shown} can't be used: give one like http://proxy.example:3128`,
    );
  }
  if (url.username === '') return { origin: url.origin };
  return { origin: url.origin, authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The environment's proxy for `server`, unless it is this device itself or NO_PROXY names it. Throws `ProxyAddressFault`. */
export function environmentProxy(server: string, { httpsProxy, noProxy = '' }: ProxyVariables): HttpProxy | undefined {
  if (!httpsProxy) return undefined;
  const url = new URL(server);
  const exempt = noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  if (isThisDevice(url.hostname) || exempt.some((entry) => covers(entry, url))) return undefined;
  try {
    return httpProxy(httpsProxy);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new ProxyAddressFault(`the variable HTTPS_PROXY: ${why}; or name the server in NO_PROXY`, { cause });
  }
}

/** `*`, `example.com` and `.example.com` (with all below it), each with or without a port, as curl reads NO_PROXY. */
function covers(entry: string, { hostname, port }: URL): boolean {
  if (entry === '*') return true;
  const [, name = entry, onlyPort] = /^(.+?)(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== (port || '443')) return false;
  const host = name.replace(/^\*?\./, '');
  return hostname === host || hostname.endsWith(`.${host}`);
}

function isThisDevice(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
