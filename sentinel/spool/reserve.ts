import { randomBytes } from 'node:crypto';
import fs from 'node:fs';

/** Enough to write down the removal of half the evidence of the largest spool, and some runs. */
export const usualReserveBytes = 2 * 1024 * 1024;

/** Room on the disk, kept in a file for when there is no other: even to remove something, a database must first write. */
export class Reserve {
  readonly #file: string;
  readonly #bytes: number;
  #isKept = false;

  constructor(file: string, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Takes the room if it isn't taken and the disk has it. Never throws. */
  keep(): void {
    if (this.#isKept) return;
    try {
      const size = fs.statSync(this.#file, { throwIfNoEntry: false })?.size;
      // Not zeros: some file systems take no room for them.
      if (size !== this.#bytes) fs.writeFileSync(this.#file, randomBytes(this.#bytes), { mode: 0o600 });
      this.#isKept = true;
    } catch {
      this.release(); // the disk has no room for it now
    }
  }

  /** Gives the room back to whoever writes next. Never throws. */
  release(): void {
    this.#isKept = false;
    try {
      fs.rmSync(this.#file, { force: true });
    } catch {
      // then there is no room to give back, which the write that asks for it says in its own words
    }
  }
}
