import { BlockList, isIP, isIPv6 } from 'node:net';

/** Loopback, link-local and unspecified addresses: this machine and what is plugged into it. IPv4 written as IPv6 counts too. */
const local = new BlockList();
local.addSubnet('0.0.0.0', 8, 'ipv4');
local.addSubnet('127.0.0.0', 8, 'ipv4');
local.addSubnet('169.254.0.0', 16, 'ipv4');
local.addAddress('::', 'ipv6');
local.addAddress('::1', 'ipv6');
local.addSubnet('fe80::', 10, 'ipv6');

export function isLocal(address: string): boolean {
  return local.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Whether a name stands for this machine by itself, whatever a name server says. */
export function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || (isIP(host) !== 0 && isLocal(host));
}

/** Whether a list of `host` or `host:port` names a host and port. An entry without a port names them all. */
export function isNamed(list: readonly string[], host: string, port: number): boolean {
  const asked = canonical(host);
  return list.some((entry) => {
    const { name, only } = parts(entry);
    return canonical(name) === asked && (only === undefined || Number(only) === port);
  });
}

/** What two lists both name. Of an entry without a port and one with it, the one with it is in both. */
export function inBoth(some: readonly string[], others: readonly string[]): string[] {
  const both = some.flatMap((entry) =>
    others.flatMap((other) => {
      const [one, two] = [parts(entry), parts(other)];
      if (canonical(one.name) !== canonical(two.name)) return [];
      if (one.only === undefined) return [other];
      return two.only === undefined || Number(two.only) === Number(one.only) ? [entry] : [];
    }),
  );
  return [...new Set(both)];
}

/** The host of a `host` or `host:port`, an IPv6 address without brackets. */
export function nameOf(entry: string): string {
  return parts(entry).name.replace(/^\[|\]$/g, '');
}

/** `host:port`, an IPv6 address in brackets: its last group would pass for the port, and the port for its last group. */
export function entryOf(host: string, port: number): string {
  return `${isIPv6(host) ? `[${canonical(host)}]` : host}:${port}`;
}

/** `host:port` of each address a message names. */
export function hostsIn(message: string): string[] {
  return [...message.matchAll(/https?:\/\/[^\s"'`]+/g)].flatMap(([text]) => {
    if (!URL.canParse(text)) return [];
    const { hostname, port, protocol } = new URL(text);
    return [`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`];
  });
}

function parts(entry: string): { name: string; only: string | undefined } {
  if (isIPv6(entry)) return { name: entry, only: undefined };
  const [, name = '', only] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
  return { name, only };
}

/** One way to write a host: lower case, addresses in their shortest form, IPv6 without brackets. */
function canonical(host: string): string {
  const text = isIPv6(host) ? `[${host}]` : host;
  if (text === '' || !URL.canParse(`http://${text}/`)) return `not a host: ${host}`;
  return new URL(`http://${text}/`).hostname.replace(/^\[|\]$/g, '');
}
