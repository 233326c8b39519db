import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** What an `archive-worker` has said, against what lies in its folder afterwards. */
export class EntryLedger {
  readonly #confirmed = new Map<string, string>();
  readonly #leaving = new Set<string>();

  get confirmed(): number {
    return this.#confirmed.size;
  }

  hear(output: string): void {
    for (const line of output.split('\n')) {
      const [word, entry = '', hash = ''] = line.split(' ');
      if (word === 'has' && hash.length === 64) this.#confirmed.set(entry, hash);
      if (word === 'leaving') this.#leaving.add(entry);
    }
  }

  /** Entries that were committed and are not there, and such as are listed and not whole. */
  faults(root: string): string[] {
    const folder = path.join(root, 'customer');
    const there = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => !name.endsWith('.unfinished')) : [];
    const stay = [...this.#confirmed].filter(([entry]) => !this.#leaving.has(entry));
    return [
      ...stay.filter(([entry]) => !there.includes(entry)).map(([entry]) => `${entry} was committed and is lost`),
      ...there.filter((entry) => !this.#leaving.has(entry)).flatMap((entry) => this.#altered(folder, entry)),
    ];
  }

  #altered(folder: string, entry: string): string[] {
    const [content, hash] = ['content', 'hash'].map((file) => {
      const at = path.join(folder, entry, file);
      return fs.existsSync(at) ? fs.readFileSync(at) : Buffer.alloc(0);
    });
    const own = createHash('sha256')
      .update(content ?? '')
      .digest('hex');
    const isWhole = String(hash) === own && (this.#confirmed.get(entry) ?? own) === own;
    return isWhole ? [] : [`${entry} is listed and is not whole`];
  }
}
