import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { openSeal } from '../../sentinel/seal.ts';
import { Spool } from '../../sentinel/spool/spool.ts';

const many = 1_000_000;

/** What a `spool-worker` has said, against what lies in its home folder afterwards. */
export class SpoolLedger {
  /** Of each run that was offered the hash of its content. */
  readonly #offered = new Map<string, string>();
  readonly #confirmed = new Set<string>();
  readonly #leaving = new Set<string>();
  readonly #left = new Set<string>();
  /** How often the spool said that it could not do what it was asked. */
  failures = 0;

  get confirmed(): number {
    return this.#confirmed.size;
  }

  hear(output: string): void {
    for (const line of output.split('\n').slice(0, -1)) {
      const [word, ...rest] = line.split(' ');
      const [id = '', hash = ''] = rest;
      if (word === 'offers') this.#offered.set(id, hash);
      if (word === 'has') this.#confirmed.add(id);
      if (word === 'failed') this.failures++;
      for (const one of rest) {
        if (word === 'leaving') this.#leaving.add(one);
        if (word === 'left') this.#left.add(one);
      }
    }
  }

  /** All that is not as it was promised. Looks at a copy, so that whoever opens the folder next finds it as it was left. */
  faults(home: string): string[] {
    const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'vedette-looked-at-'));
    try {
      fs.cpSync(home, copy, { recursive: true });
      if (!fs.existsSync(path.join(copy, 'key'))) return this.confirmed > 0 ? ['the key is gone'] : [];
      return this.#faultsIn(copy);
    } finally {
      fs.rmSync(copy, { recursive: true });
    }
  }

  #faultsIn(home: string): string[] {
    using spool = new Spool({ file: path.join(home, 'spool.sqlite'), seal: openSeal(home, 'spool') });
    const { stored, acknowledged, waiting, rejected, dropped, damaged } = spool.depth();
    const present = new Map(spool.oldestRuns(many, many).map((run) => [run.id, sha256Hex(JSON.stringify(run))]));
    const setAside = new Set(spool.rejected(many).map(({ id }) => id));
    const isThere = (id: string) => present.has(id) || setAside.has(id);
    const lost = [...this.#confirmed].filter((id) => !isThere(id) && !this.#leaving.has(id));
    const back = [...this.#left].filter(isThere);
    const altered = [...present].filter(([id, hash]) => this.#offered.get(id) !== hash);
    const counted = acknowledged + waiting + rejected + dropped;
    return [
      ...lost.map((id) => `${id} was confirmed and is lost`),
      ...back.map((id) => `${id} was removed and is back`),
      ...altered.map(([id]) => `${id} is not what was stored`),
      ...(stored === counted ? [] : [`${stored} runs were stored, ${counted} are accounted for`]),
      ...(damaged === 0 ? [] : ['the file was found damaged']),
    ];
  }
}
