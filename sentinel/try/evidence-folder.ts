import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EvidenceItem } from '../protocol/messages.ts';
import type { RunResult } from '../runner/runner.ts';
import { CannotTry } from './cannot-try.ts';

/** One file of evidence as it lies on this disk. */
export interface KeptEvidence {
  kind: EvidenceItem['kind'];
  path: string;
  mediaType: string;
  bytes: number;
}

const results = 'vedette-results';
const fileNames = { screenshot: 'screenshot.webp', aria: 'aria.yaml', trace: 'trace.zip' } as const;

/** Where evidence of a try begun at `now` goes, unless its user chose a folder; no two tries share one. */
export function usualFolder(now: Date): string {
  return path.join(results, `${now.toISOString().slice(0, 19).replaceAll(':', '-')}-${process.pid}`);
}

/** Writes the evidence of a run into `folder`, which is made only if there is some. */
export function keepEvidence({ run, files }: RunResult, folder: string): KeptEvidence[] {
  const taken = new Map<string, number>();
  return run.evidence.flatMap(({ kind, sha256, mediaType }) => {
    const file = files.find((one) => one.sha256 === sha256);
    if (!file) return [];
    const count = (taken.get(kind) ?? 0) + 1;
    taken.set(kind, count);
    const where = path.join(folder, count === 1 ? fileNames[kind] : `${count}-${fileNames[kind]}`);
    write(where, file.content);
    return [{ kind, path: where, mediaType, bytes: file.content.length }];
  });
}

function write(file: string, content: Uint8Array): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    // What is on the pages stays out of its user's repository.
    if (file.startsWith(results + path.sep)) writeFileSync(path.join(results, '.gitignore'), '*\n');
    writeFileSync(file, content, { mode: 0o600 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new CannotTry(`the evidence can't be written (${why}): choose a folder with --output`, { cause });
  }
}
