import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { EvidenceStore } from '../evidence/evidence-store.ts';
import type { Manifest } from './manifest.ts';
import { quoted, type Scratch } from './scratch.ts';
import { tar } from './tar.ts';

/**
 * The files of evidence that a piece names, each once under its SHA-256; `content` gives them as a tar archive, undefined
 * where there are none. Some are missing that were removed before to make room.
 */
export async function packEvidence(
  scratch: Scratch,
  written: readonly string[],
  store: EvidenceStore,
): Promise<{ evidence: Manifest['evidence']; content: () => Promise<Readable | undefined> }> {
  if (!written.includes('evidence.parquet')) {
    return { evidence: { rows: 0, files: 0, missing: 0 }, content: async () => undefined };
  }
  const from = quoted(join(scratch.folder, 'evidence.parquet'));
  const [count] = await scratch.ask(`select count(*)::integer as rows from ${from}`);
  const named = await scratch.ask(
    `select distinct stored_sha256 as sha256 from ${from} where stored_sha256 is not null order by 1`,
  );
  const names: string[] = [];
  for (const { sha256 } of named) {
    const found = await store.get(String(sha256));
    found?.content.destroy();
    if (found) names.push(String(sha256));
  }
  async function* files() {
    for (const name of names) {
      const found = await store.get(name);
      if (!found) throw new Error(`the evidence ${name} was removed while it was packed`);
      yield { name, ...found };
    }
  }
  const evidence = { rows: Number(count?.rows), files: names.length, missing: named.length - names.length };
  return { evidence, content: async () => (names.length === 0 ? undefined : Readable.from(tar(files()))) };
}
