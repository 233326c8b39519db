import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { type Config, readConfig } from './config.ts';
import { isLocked } from './lock.ts';
import { depthOf, type SpoolDepth } from './spool/spool.ts';

export interface Status {
  home: string;
  running: boolean;
  enrolment: Omit<Config, 'ca'>;
  /** Null until the first run is stored. */
  spool: SpoolDepth | null;
  /** Runs the server refused, with its reasons; the oldest ten. */
  rejected: { id: string; reason: string }[];
  /** When the server last answered, ms since 1970; null if it never did. */
  lastContactAt: number | null;
  /** What is wrong, as the running sentinel sees it. */
  problems: string[];
}

const Problems = z.array(z.string());

/** How a sentinel is, from its own files; needs no server and works beside a running sentinel. Throws `ConfigFault`. */
export function status(home: string): Status {
  const { ca: _, ...enrolment } = readConfig(home);
  const running = isLocked(home);
  const nothing = { spool: null, rejected: [], lastContactAt: null, problems: [] };
  return { home, running, enrolment, ...(readSpool(path.join(home, 'spool.sqlite')) ?? nothing) };
}

function readSpool(file: string): Pick<Status, 'spool' | 'rejected' | 'lastContactAt' | 'problems'> | undefined {
  if (!fs.existsSync(file)) return undefined;
  const db = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
  try {
    const fact = (name: string) => db.prepare('SELECT value FROM facts WHERE name = ?').get(name)?.value;
    const rejected = db.prepare("SELECT id, reason FROM runs WHERE state = 'rejected' ORDER BY seq LIMIT 10").all();
    const lastContactAt = fact('lastContactAt');
    return {
      spool: depthOf(db),
      rejected: rejected.map((row) => ({ id: String(row.id), reason: String(row.reason) })),
      lastContactAt: lastContactAt === undefined ? null : Number(lastContactAt),
      problems: Problems.parse(JSON.parse(String(fact('problems') ?? '[]'))),
    };
  } finally {
    db.close();
  }
}

/** The status as lines for people. */
export function statusText({ home, running, enrolment, spool, rejected, lastContactAt, problems }: Status): string {
  const lines = [
    ['Sentinel', `${enrolment.name} at ${enrolment.location}, for ${enrolment.customer.name}`],
    ['Server', enrolment.server + (enrolment.proxy === undefined ? '' : `, through ${enrolment.proxy}`)],
    ['Pins', enrolment.pins.join(', ')],
    ['Home', home],
    ['Running', running ? 'yes' : 'no'],
    ['Last contact', lastContactAt === null ? 'none yet' : new Date(lastContactAt).toISOString()],
    ['Waiting', spool ? `${spool.waiting} runs, ${spool.evidence} evidence files, ${spool.bytes} bytes` : 'nothing'],
    ['Refused', `${spool?.rejected ?? 0} runs`],
    ['Dropped', `${spool?.dropped ?? 0} runs, ${spool?.droppedEvidence ?? 0} evidence files`],
    ...rejected.map(({ id, reason }) => ['', `${id}: ${reason}`] as const),
    ['Wrong', problems.length === 0 ? 'nothing' : problems.join('\n              ')],
  ] as const;
  return lines.map(([what, text]) => `${what.padEnd(14)}${text}`).join('\n');
}
