import path from 'node:path';
import { openPrivateFolder } from '../certs/private-file.ts';
import { type Config, librariesFolder, readConfig, weakeningVariables } from './config.ts';
import { Journal } from './journal/journal.ts';
import { MessageLog } from './journal/message-log.ts';
import { AssignmentKeeper } from './link/assignments.ts';
import { Boots } from './link/boots.ts';
import { Connection } from './link/connection.ts';
import { heartbeatLoop } from './link/heartbeat.ts';
import { Link } from './link/link.ts';
import { Push } from './link/push.ts';
import { Scripts } from './link/scripts.ts';
import { lockHome } from './lock.ts';
import { Problems } from './problems.ts';
import type { ScriptKey } from './protocol/messages.ts';
import { serverProxy } from './proxy.ts';
import type { Runner, RunnerSettings } from './runner/runner.ts';
import { IdleProcessors } from './schedule/idle-processors.ts';
import { scheduleLoop } from './schedule/loop.ts';
import { openRunners, type Runners, usualConcurrency } from './schedule/runners.ts';
import { openSeal } from './seal.ts';
import { LocalRules } from './settings/local-rules.ts';
import { keysFor, refusals } from './settings/narrow.ts';
import { outletOf } from './settings/outlet.ts';
import { Memory } from './spool/memory.ts';
import { Spool } from './spool/spool.ts';
import { TrustKeeper } from './trust-keeper.ts';
import { Vault } from './vault.ts';
import { Wake } from './wake.ts';

export interface SentinelSettings {
  home: string;
  openRunner(settings: RunnerSettings): Promise<Runner>;
  allowRoot: boolean;
  /** The browser, by kind or path; left out, the one of the settings, or one found on the machine. */
  browser?: string;
  /** Most runs at a time; left out, one to two processors. */
  concurrency?: number;
  log(line: string): void;
}

/** How long a browser is kept for the next run. */
const usualIdleMinutes = 10;

/**
 * Works as the sentinel of `home` until `signal` aborts: runs what is due, stores it, sends it. Throws `ConfigFault`,
 * `HomeInUse`, `SpoolTooNew`, or what the runner can't do without. Ends within 5 s of the signal.
 */
export async function runSentinel(settings: SentinelSettings, signal: AbortSignal): Promise<void> {
  const { home, log } = settings;
  const config = readConfig(home);
  const rules = new LocalRules(home);
  openPrivateFolder(home);
  using _lock = lockHome(home);
  const vault = new Vault(home);
  const apiKey = vault.apiKey();
  if (apiKey === undefined) throw new Error(`the API key is missing in ${home}: enrol again in another home`);
  using spool = new Spool({ file: path.join(home, 'spool.sqlite'), seal: openSeal(home, 'spool') });
  using journal = new Journal(home);
  const memory = new Memory(spool.file);
  const problems = problemsOf(memory, log);
  const sent = new MessageLog(journal, problems);
  const trust = new TrustKeeper(home, problems, log);
  const proxy = serverProxy(config, vault);
  for (const warning of weakeningVariables()) log(`warning: ${warning}`);
  if (proxy) log(`the server is reached through the proxy ${proxy.origin}`);
  await using link = new Link({
    server: config.server,
    trust: trust.read(),
    connect: (server, start) => new Connection(server, start, { proxy, store: trust }),
    sentinelId: config.sentinelId,
    apiKey,
    ...bootsOf(home, problems),
    journal: sent,
  });
  const serverAnswers = (sinceMs: number) => link.answersSince(sinceMs);
  const each = { ...runnerSettings(settings, rules), serverAnswers };
  const concurrency = Math.min(
    settings.concurrency ?? rules.settings.concurrency ?? usualConcurrency(),
    rules.settings.concurrency ?? Number.POSITIVE_INFINITY,
  );
  await using runners = await openRunners(settings.openRunner, each, concurrency);
  log(`running for ${config.customer.name} at ${config.server}`);
  await together(
    (stop) => loops({ home, config, rules, vault, spool, sent, memory, problems, runners, link, trust, log }, stop),
    signal,
  );
}

/** A disk that takes nothing keeps no sentinel from its work: it is then not told from a copy of it. */
function bootsOf(home: string, problems: Problems): { boots?: Boots } {
  try {
    return { boots: new Boots(path.join(home, 'boots.json')) };
  } catch (error) {
    problems.set('boots', `this start can't be written down: ${error instanceof Error ? error.message : error}`);
    return {};
  }
}

interface Parts {
  home: string;
  config: Config;
  rules: LocalRules;
  vault: Vault;
  spool: Spool;
  sent: MessageLog;
  memory: Memory;
  problems: Problems;
  runners: Runners;
  link: Link;
  trust: TrustKeeper;
  log(line: string): void;
}

/** Who rings whom: news of work wakes the schedule, a stored run wakes the push. */
function loops(parts: Parts, signal: AbortSignal): Promise<void>[] {
  const { home, config, rules, spool, sent, memory, problems, link, trust } = parts;
  const scripts = new Scripts(path.join(home, 'scripts'));
  const onPins = (pins: readonly string[]) => {
    const renewed = trust.take(pins);
    if (renewed) link.trust(renewed);
  };
  const keys = (ofServer: readonly ScriptKey[]) => keysFor(rules.settings, ofServer);
  const keeper = new AssignmentKeeper({ home, customerId: config.customer.id, link, scripts, memory, keys, onPins });
  const [work, stored] = [new Wake(), new Wake()];
  const outlet = outletOf(
    () => rules.settings,
    () => sent.today(),
  );
  const onRules = () => {
    for (const wake of [work, stored, trust.news]) wake.ring();
  };
  const schedule = {
    ...parts,
    sentinelId: config.sentinelId,
    enrolledAt: config.enrolledAt,
    keeper,
    mayRun: rules.mayRun,
    scripts,
    clock: link,
    processors: new IdleProcessors(),
    wake: work,
    onStored: () => stored.ring(),
  };
  const refused = () => refusals(keeper.current(), rules.settings);
  return [
    scheduleLoop(schedule, signal),
    new Push(spool, link, outlet).loop(stored, problems, signal),
    keeper.loop(work, problems, signal),
    heartbeatLoop({ ...parts, runner: parts.runners, refused }, signal),
    rules.loop(onRules, problems, signal),
  ];
}

/** Waits for all loops; if one fails the others are stopped before it is told, so that none works with what is closed. */
async function together(start: (stop: AbortSignal) => Promise<void>[], signal: AbortSignal): Promise<void> {
  const failed = new AbortController();
  const running = start(AbortSignal.any([signal, failed.signal]));
  for (const loop of running) loop.catch(() => failed.abort());
  const ends = await Promise.allSettled(running);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function problemsOf(memory: Memory, log: (line: string) => void): Problems {
  memory.note('problems', '[]'); // what was wrong before may be so no more
  return new Problems((sentences, news) => {
    memory.note('problems', JSON.stringify(sentences));
    log(news ?? (sentences.length === 0 ? 'nothing is wrong any more' : `still wrong: ${sentences.join('; ')}`));
  });
}

function runnerSettings({ home, allowRoot, browser, log }: SentinelSettings, rules: LocalRules): RunnerSettings {
  const chosen = browser ?? rules.settings.browser;
  const browserIdleMs = () => (rules.settings.browserIdleMinutes ?? usualIdleMinutes) * 60_000;
  const libraries = librariesFolder();
  return {
    ...{ folder: path.join(home, 'runner'), allowRoot, browserIdleMs, log },
    ...(chosen === undefined ? {} : { browser: chosen }),
    ...(libraries === undefined ? {} : { libraries }),
  };
}
