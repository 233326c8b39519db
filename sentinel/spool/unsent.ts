import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSeal } from '../seal.ts';

/**
 * How many runs in this home the server has not acknowledged, those it refused among them; undefined if the spool can't be
 * read. Works beside a running sentinel.
 */
export function countUnsent(home: string): number | undefined {
  if (!fs.existsSync(spoolIn(home))) return 0;
  try {
    using db = open(home);
    return Number(db.prepare('SELECT count(*) AS n FROM runs').get()?.n);
  } catch {
    return undefined;
  }
}

/**
 * Every run in this home that the server has not acknowledged, and every evidence file, each as a line of JSON: `{ "run" }`,
 * with `refused` if the server refused it, and `{ "evidence" }` with the file in base64. What is damaged is named by its id.
 */
export function* unsentLines(home: string): Generator<string> {
  if (!fs.existsSync(spoolIn(home))) return;
  using db = open(home);
  const seal = openSeal(home, 'spool');
  const content = (body: unknown, label: string) => (body instanceof Uint8Array ? seal.open(body, label) : undefined);
  for (const { id, reason, body } of db.prepare('SELECT * FROM runs ORDER BY seq').iterate()) {
    const run = content(body, `run ${id}`);
    const refused = reason === null ? {} : { refused: reason };
    yield JSON.stringify({ run: run ? JSON.parse(run.toString()) : { id, damaged: true }, ...refused });
  }
  for (const row of db.prepare('SELECT * FROM evidence ORDER BY seq').iterate()) {
    const { run_id: runId, sha256, media_type: mediaType, body } = row;
    const base64 = content(body, `evidence ${sha256}`)?.toString('base64') ?? null;
    yield JSON.stringify({ evidence: { runId, sha256, mediaType, base64 } });
  }
}

function open(home: string): DatabaseSync {
  return new DatabaseSync(spoolIn(home), { readOnly: true, timeout: 1000 });
}

function spoolIn(home: string): string {
  return path.join(home, 'spool.sqlite');
}
