import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { type Config, readConfig } from './config.ts';
import { lastAssignments } from './link/assignments.ts';
import { isLocked } from './lock.ts';
import { type Refusal, Stall } from './protocol/messages.ts';
import { refusals } from './settings/narrow.ts';
import { type Pause, pauseAt, pauseText, untilText } from './settings/pause.ts';
import { readSettings, SettingsFault } from './settings/settings.ts';
import { schemaVersion } from './spool/schema.ts';
import { depthOf, type SpoolDepth } from './spool/spool.ts';

export interface Status {
  home: string;
  running: boolean;
  enrolment: Omit<Config, 'ca'>;
  /** Null until the first run is stored. */
  spool: SpoolDepth | null;
  /** Runs the server refused, or fails over, with its reasons; the oldest ten. */
  rejected: { id: string; reason: string }[];
  /** When the server last answered, ms since 1970; null if it never did. */
  lastContactAt: number | null;
  /** Where on the way to the server it stalls, and since when (ms since 1970); null while the server answers. */
  stall: z.infer<typeof OpenStall> | null;
  /** What is wrong, as the running sentinel sees it. */
  problems: string[];
  /** Null unless its administrator wants no runs. */
  paused: Pause | null;
  /** What the server asks for and the local settings refuse. */
  refused: Refusal[];
  /** Drafts of scripts that authors want tried here once, by what the server calls them. */
  trials: string[];
}

/** What protects what lies on the disk, and from whom. */
const atRest =
  'runs, evidence, secrets and the API key are encrypted (AES-256-GCM); their key lies in the same folder, for its user alone: a copied file is safe, a copied folder is not';

const Problems = z.array(z.string());
const OpenStall = Stall.omit({ to: true });

/** How a sentinel is, from its own files; needs no server and works beside a running sentinel. Throws `ConfigFault`. */
export function status(home: string): Status {
  const { ca: _, ...enrolment } = readConfig(home);
  const running = isLocked(home);
  const paused = pauseAt(pauseText(home), Date.now()) ?? null;
  const facts = factsOf(path.join(home, 'spool.sqlite')) ?? nothing;
  const { assignments = [], trials: drafts = [] } = lastAssignments(home) ?? {};
  const trials = drafts.filter(({ until }) => until > Date.now()).map(({ name }) => name);
  try {
    const refused = refusals(assignments, readSettings(home));
    return { home, running, enrolment, ...facts, paused, refused, trials };
  } catch (error) {
    if (!(error instanceof SettingsFault)) throw error;
    const problems = [...new Set([...facts.problems, `no run begins: ${error.message}`])];
    return { home, running, enrolment, ...facts, problems, paused, refused: [], trials };
  }
}

const nothing = { spool: null, rejected: [], lastContactAt: null, stall: null, problems: [] };
type SpoolFacts = Pick<Status, 'spool' | 'rejected' | 'lastContactAt' | 'stall' | 'problems'>;

/** A spool that can't be read is itself what is wrong, and hides nothing else. */
function factsOf(file: string): SpoolFacts | undefined {
  try {
    return readSpool(file);
  } catch (error) {
    const why = `the spool can't be read (${error instanceof Error ? error.message : error})`;
    const problems = [`${why}: a start of the sentinel sets a damaged one aside, and saves what can be read`];
    return { ...nothing, problems };
  }
}

function readSpool(file: string): SpoolFacts | undefined {
  if (!fs.existsSync(file)) return undefined;
  const db = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
  try {
    if (Number(db.prepare('PRAGMA user_version').get()?.user_version) !== schemaVersion) return undefined; // `run` brings it up to date
    const fact = (name: string) => db.prepare('SELECT value FROM facts WHERE name = ?').get(name)?.value;
    const setAside = "SELECT id, reason FROM runs WHERE state = 'rejected' OR tries > 0 ORDER BY seq LIMIT 10";
    const rejected = db.prepare(setAside).all();
    const lastContactAt = fact('lastContactAt');
    return {
      spool: depthOf(db),
      rejected: rejected.map((row) => ({ id: String(row.id), reason: String(row.reason) })),
      lastContactAt: lastContactAt === undefined ? null : Number(lastContactAt),
      stall: OpenStall.nullable().parse(JSON.parse(String(fact('stall') ?? 'null'))),
      problems: Problems.parse(JSON.parse(String(fact('problems') ?? '[]'))),
    };
  } finally {
    db.close();
  }
}

/** The status as lines for people. */
export function statusText(found: Status): string {
  const { home, running, enrolment, spool, rejected, lastContactAt, stall, problems, paused, refused, trials } = found;
  const drops = spool?.drops.map(({ kind, reason, count }) => `${count} ${kind} (${reason})`) ?? [];
  const lines = [
    ['Sentinel', `${enrolment.name} at ${enrolment.location}, for ${enrolment.customer.name}`],
    ['Server', enrolment.server + (enrolment.proxy === undefined ? '' : `, through ${enrolment.proxy}`)],
    ['Pins', enrolment.pins.join(', ')],
    ['Home', home],
    ['Running', running ? 'yes' : 'no'],
    ['Last contact', lastContactAt === null ? 'none yet' : new Date(lastContactAt).toISOString()],
    ...(stall ? [['Stalled', `at ${stall.phase}, since ${new Date(stall.from).toISOString()}`] as const] : []),
    ...(paused ? [['Paused', pausedText(paused)] as const] : []),
    ...(refused.length > 0
      ? [
          [
            'Not allowed',
            `${refused.length === 1 ? '1 wish' : `${refused.length} wishes`} of the server: see \`settings\``,
          ] as const,
        ]
      : []),
    ...(trials.length > 0 ? [['Trials', trials.join(', ')] as const] : []),
    ['Waiting', spool ? `${spool.waiting} runs, ${spool.evidence} evidence files, ${spool.bytes} bytes` : 'nothing'],
    ['Dropped', drops.length === 0 ? 'nothing' : drops.join(', ')],
    ['Set aside', `${spool?.rejected ?? 0} runs refused, ${spool?.putOff ?? 0} put off`],
    ...rejected.map(({ id, reason }) => ['', `${id}: ${reason}`] as const),
    ['At rest', atRest],
    ['Wrong', problems.length === 0 ? 'nothing' : problems.join('\n              ')],
  ] as const;
  return lines.map(([what, text]) => `${what.padEnd(14)}${text}`).join('\n');
}

function pausedText(paused: Pause): string {
  const { since, reason } = paused;
  return `since ${new Date(since).toISOString()}, ${untilText(paused)}${reason === undefined ? '' : `: ${reason}`}`;
}
