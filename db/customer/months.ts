/** A month of UTC. */
export interface Month {
  /** `2025-01` */
  name: string;
  /** ms since 1970 */
  from: number;
  /** The next one's first instant. */
  to: number;
}

/** The month in which an instant lies, or one so many after it. */
export function monthOf(at: number, after = 0): Month {
  const date = new Date(at);
  const start = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
  const from = start(after);
  return { name: new Date(from).toISOString().slice(0, 7), from, to: start(after + 1) };
}

/** The month of a name such as `2025-01`. */
export function monthNamed(name: string): Month {
  return monthOf(Date.parse(`${name}-01T00:00:00Z`));
}

/** The lowest UUIDv7 of an instant, as it lies in the database: such an id begins with its time in ms, as 48 bits. */
export function firstIdAt(at: number): Buffer {
  return Buffer.from(at.toString(16).padStart(12, '0').padEnd(32, '0'), 'hex');
}

/** The instant at which an id was made, by the clock of the device that did. */
export function idTime(id: Uint8Array): number {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).readUIntBE(0, 6);
}
