import { sha256Hex } from './statement.ts';

/** A name for a set of pins, whatever their order: 64 hexadecimal digits. */
export function pinSetOf(pins: Iterable<string>): string {
  return sha256Hex([...new Set(pins)].sort().join('\n'));
}
