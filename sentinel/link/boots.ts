import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';

/** Boots that were answered are kept that far back: a server whose database was restored may know no later one. */
const answeredKept = 20;
/** So many starts without one answer, and the last boot is used again: the list must be sent, and lose none of them. */
const unansweredMost = 200;

const Kept = z.object({ boots: z.array(z.string()), answered: z.string().optional() });
type Kept = z.infer<typeof Kept>;

/** What a link asks of boots. */
export type AskingBoots = Pick<Boots, 'current' | 'before' | 'answered' | 'replace'>;

/**
 * The starts of this home's sentinel, by which a server tells it, started again, from a copy of it on another machine.
 * Each boot has an id of its own, on disk before it is first sent; a copy makes others, and can't know those made here.
 */
export class Boots {
  readonly #file: string;
  #kept: Kept;
  #before: readonly string[];

  /** Begins a boot. Throws `FolderUnusable`. */
  constructor(file: string) {
    this.#file = file;
    this.#kept = readKept(file);
    this.#before = this.#begin();
  }

  /** The id of this boot. */
  get current(): string {
    return this.#kept.boots.at(-1) ?? '';
  }

  /** The boots before this one that the server may know as the latest; `known` once it has answered this one. */
  get before(): readonly string[] | 'known' {
    return this.#kept.answered === this.current ? 'known' : this.#before;
  }

  /** The server has answered `boot`. */
  answered(boot: string): void {
    if (boot !== this.current || this.#kept.answered === boot) return;
    this.#kept = { ...this.#kept, answered: boot };
    try {
      replacePrivateFile(this.#file, JSON.stringify(this.#kept));
    } catch {
      // What is on disk says more than it must: the next boot names boots that the server no longer asks for.
    }
  }

  /** Begins another boot, if `boot` is still the current one: somebody else uses it. Throws `FolderUnusable`. */
  replace(boot: string): void {
    if (boot === this.current) this.#before = this.#begin();
  }

  /** The boots before the new one. */
  #begin(): readonly string[] {
    const { boots, answered } = this.#kept;
    const worth = boots.slice(Math.max(0, boots.indexOf(answered ?? '') - answeredKept));
    const isFull = worth.length > unansweredMost + answeredKept;
    const next = isFull ? worth : [...worth, randomBytes(12).toString('base64url')];
    const kept = { ...this.#kept, boots: next };
    replacePrivateFile(this.#file, JSON.stringify(kept));
    this.#kept = kept;
    return next.slice(0, -1);
  }
}

/** The latest boot of a home, to ask as that one and begin no other; undefined if none was ever begun. */
export function latestBoot(file: string): AskingBoots | undefined {
  const current = readKept(file).boots.at(-1);
  return current === undefined ? undefined : { current, before: 'known', answered: () => {}, replace: () => {} };
}

/** A file that can't be read any more is as good as none: then an administrator may have to say that it is this machine. */
function readKept(file: string): Kept {
  try {
    return Kept.parse(JSON.parse(readIfThere(file) ?? ''));
  } catch {
    return { boots: [] };
  }
}
