import os from 'node:os';
import type { Problems } from '../problems.ts';
import { type Heartbeat, maxSkips, type Refusal, type Skip } from '../protocol/messages.ts';
import type { Memory } from '../spool/memory.ts';
import type { Spool } from '../spool/spool.ts';
import { version } from '../version.ts';
import type { Wake } from '../wake.ts';
import { BackOff } from './back-off.ts';
import type { Link } from './link.ts';
import { tellStanding } from './standing.ts';

const everyMs = 30_000;

export const platform = `${os.platform()} ${os.arch()} ${os.release()}`.slice(0, 50);

export interface Vitals {
  link: Link;
  spool: Spool;
  problems: Problems;
  memory: Pick<Memory, 'note'>;
  trust: { readonly pinSet: string; readonly news: Wake };
  rules: { readonly pause: Heartbeat['paused'] };
  /** What the server asks for and the local settings refuse. */
  refused(): Refusal[];
  vault: { names(): string[] };
  runner: { readonly sandboxLevel: 1 | 2 | 3; readonly browser: string | undefined };
}

/**
 * Tells the server each 30 s, and at new pins or other settings, that this sentinel is there and what is wrong, until
 * `signal` aborts.
 */
export async function heartbeatLoop(vitals: Vitals, signal: AbortSignal, backOff = new BackOff()): Promise<void> {
  let told: Told = { spool: { runs: 0, rejected: 0, dropped: 0 }, skips: [], held: false };
  while (!signal.aborted) {
    told = readSpool(vitals) ?? { ...told, skips: [], held: false };
    const { skips, held } = told;
    const reply = await vitals.link.heartbeat(heartbeat(vitals, told), signal);
    if (reply.kind === 'done') noteSkips(vitals, skips.slice(0, reply.value.skips ?? 0));
    if (signal.aborted) return;
    noteContact(vitals);
    const wait = 'waitMs' in reply ? reply.waitMs : undefined;
    if (reply.kind === 'done' || reply.kind === 'unchanged') backOff.reset();
    tellStanding(reply, vitals.problems);
    const isSaid = reply.kind === 'done' || reply.kind === 'unchanged' || reply.kind === 'unwelcome';
    vitals.problems.set('heartbeat', isSaid ? undefined : reply.why);
    if (held && vitals.link.sureOffsetMs !== undefined) continue;
    await vitals.trust.news.wait(reply.kind === 'done' ? everyMs : Math.max(everyMs, backOff.next(wait)), signal);
  }
}

interface Told {
  spool: Heartbeat['spool'];
  skips: readonly Skip[];
  /** Whether there are skips that are not told yet: the server files them once, by how far off this clock is. */
  held: boolean;
}

/** What is told of the spool; undefined while the disk can't be read: that is a problem, and no reason to fall silent. */
function readSpool({ link, spool, problems }: Vitals): Told | undefined {
  try {
    const { waiting, rejected, dropped, putOff, drops } = spool.depth();
    const unsent = spool.unsentSkips(maxSkips);
    const isTimed = link.sureOffsetMs !== undefined;
    const [skips, held] = [isTimed ? unsent : [], !isTimed && unsent.length > 0];
    problems.set('spool reading', undefined);
    return { spool: { runs: waiting, rejected, dropped, putOff, drops }, skips, held };
  } catch (error) {
    problems.set('spool reading', `the spool can't be read: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function noteSkips({ spool }: Vitals, skips: readonly Skip[]): void {
  try {
    spool.acknowledgeSkips(skips);
  } catch {
    // they are told once more, which changes nothing; what ails the disk is shown where runs are stored
  }
}

function noteContact({ link, memory }: Vitals): void {
  if (link.lastContactAt !== undefined) memory.note('lastContactAt', String(link.lastContactAt));
  memory.note('stall', JSON.stringify(link.stall ?? null));
}

const mostSecrets = 200;

/** Undefined while the vault can't be read: runs that need a secret say why. */
function secretNames({ vault }: Vitals): string[] | undefined {
  try {
    return vault.names().slice(0, mostSecrets);
  } catch {
    return undefined;
  }
}

function heartbeat(vitals: Vitals, { spool, skips }: Told): Heartbeat {
  const { link, problems, runner, trust, rules, refused } = vitals;
  const secrets = secretNames(vitals);
  return {
    version,
    platform,
    spool,
    ...(skips.length > 0 ? { skips: [...skips] } : {}),
    ...(link.sureOffsetMs === undefined ? {} : { clockOffsetMs: link.sureOffsetMs }),
    sandboxLevel: runner.sandboxLevel,
    ...(runner.browser === undefined ? {} : { browser: runner.browser.slice(0, 200) }),
    problems: problems.list(),
    ...(secrets === undefined ? {} : { secrets }),
    pinSet: trust.pinSet,
    ...(rules.pause === undefined ? {} : { paused: rules.pause }),
    refused: refused(),
    ...(link.stalls.length === 0 ? {} : { stalls: [...link.stalls] }),
  };
}
