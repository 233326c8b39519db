import fs from 'node:fs';
import path from 'node:path';
import { openSeal } from '../seal.ts';
import { SpoolFile } from './spool-file.ts';

/** How many runs in this home the server has not acknowledged, those it refused among them. */
export function countUnsent(home: string): number {
  if (!fs.existsSync(spoolIn(home))) return 0;
  using spool = open(home);
  return Number(spool.read((db) => db.prepare('SELECT count(*) AS n FROM runs').get()?.n ?? 0));
}

/**
 * Every run in this home that the server has not acknowledged, and every evidence file, each as a line of JSON: `{ "run" }`,
 * with `refused` if the server refused it, and `{ "evidence" }` with the file in base64. What is damaged is named by its id.
 */
export function* unsentLines(home: string): Generator<string> {
  if (!fs.existsSync(spoolIn(home))) return;
  using spool = open(home);
  const seal = openSeal(home, 'spool');
  const content = (body: unknown, label: string) => (body instanceof Uint8Array ? seal.open(body, label) : undefined);
  for (const { id, reason, body } of each(spool, 'runs')) {
    const run = content(body, `run ${id}`);
    const refused = reason === null ? {} : { refused: reason };
    yield JSON.stringify({ run: run ? JSON.parse(run.toString()) : { id, damaged: true }, ...refused });
  }
  for (const { run_id: runId, sha256, media_type: mediaType, body } of each(spool, 'evidence')) {
    const base64 = content(body, `evidence ${sha256}`)?.toString('base64') ?? null;
    yield JSON.stringify({ evidence: { runId, sha256, mediaType, base64 } });
  }
}

/** Row by row: together they may be more than fits memory. */
function* each(spool: SpoolFile, table: 'runs' | 'evidence') {
  const next = `SELECT * FROM ${table} WHERE seq > ? ORDER BY seq LIMIT 1`;
  for (let seq = 0; ; ) {
    const row = spool.read((db) => db.prepare(next).get(seq));
    if (!row) return;
    seq = Number(row.seq);
    yield row;
  }
}

function open(home: string): SpoolFile {
  return new SpoolFile(spoolIn(home), () => {}); // what was damaged lies beside it under another name
}

function spoolIn(home: string): string {
  return path.join(home, 'spool.sqlite');
}
