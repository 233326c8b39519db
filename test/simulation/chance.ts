/** Repeatable chance: the same seed gives the same numbers (the generator sfc32). */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(seed: number) {
    this.#a = 0x9e3779b9;
    this.#b = seed | 0;
    this.#c = Math.floor(seed / 2 ** 32) | 0;
    for (let i = 0; i < 15; i++) this.#word();
  }

  /** From 0 up to 1. */
  next(): number {
    return this.#word() / 2 ** 32;
  }

  hit(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `from` up to and with `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.between(0, list.length - 1)];
    if (found === undefined) throw new Error('there is nothing to pick from');
    return found;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(this.#word(), at);
    return bytes.subarray(0, length);
  }

  #word(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }
}

/** A UUID of version 4. */
export function uuidOf(chance: Chance): string {
  const hex = chance.bytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}
