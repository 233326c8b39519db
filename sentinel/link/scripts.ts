import fs from 'node:fs';
import path from 'node:path';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import { sha256Hex } from '../protocol/statement.ts';

export type Bundle = { state: 'here'; code: string } | { state: 'missing' } | { state: 'altered' };

/** Bundles of scripts on disk, each named by its SHA-256 and checked against it on every load. */
export class Scripts {
  readonly #folder: string;
  /** Hashes under which the server, or the disk, gave something else. */
  readonly #altered = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  load(sha256: string): Bundle {
    const code = readIfThere(this.#file(sha256));
    if (code !== undefined && sha256Hex(code) === sha256) return { state: 'here', code };
    if (code !== undefined) {
      fs.rmSync(this.#file(sha256)); // so that the right one is fetched again
      this.#altered.add(sha256);
    }
    return { state: this.#altered.has(sha256) ? 'altered' : 'missing' };
  }

  /** Keeps a bundle if it has the hash; otherwise remembers that what came was altered. Throws `FolderUnusable`. */
  keep(sha256: string, code: string): boolean {
    if (sha256Hex(code) !== sha256) {
      this.#altered.add(sha256);
      return false;
    }
    replacePrivateFile(this.#file(sha256), code);
    this.#altered.delete(sha256);
    return true;
  }

  /** Removes the bundles that no assignment names any more. */
  keepOnly(wanted: ReadonlySet<string>): void {
    if (!fs.existsSync(this.#folder)) return;
    for (const name of fs.readdirSync(this.#folder)) {
      if (!wanted.has(path.basename(name, '.js'))) fs.rmSync(path.join(this.#folder, name));
    }
  }

  #file(sha256: string): string {
    return path.join(this.#folder, `${sha256}.js`);
  }
}
