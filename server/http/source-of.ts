import { isIPv6 } from 'node:net';

/** Whom an address stands for when tries are counted: itself, or of IPv6 the network, of which a host has all it likes. */
export function sourceOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!isIPv6(plain)) return plain;
  const [before = '', after] = plain.split('::').map((part) => part.split(':').filter(Boolean));
  const gap = Array.from({ length: 8 - before.length - (after?.length ?? 0) }, () => '0');
  return [...before, ...gap, ...(after ?? [])].slice(0, 4).join(':');
}
