import {
  type Assignment,
  askedWhatPassed,
  type Refusal,
  type ScriptKey,
  ScriptStatement,
} from '../protocol/messages.ts';
import { sha256Hex } from '../protocol/statement.ts';
import { inBoth } from '../runner/gate/hosts.ts';
import type { RunRequest } from '../runner/runner.ts';
import type { Settings } from './settings.ts';

const MiB = 1024 * 1024;
const mostRefusals = 100;

/** A run as far as the local settings allow it: what the server asked beyond them is taken away. */
export function narrowed(request: RunRequest, settings: Settings): RunRequest {
  const { hosts, screenshots, pageTexts, cpuSecondsPerRun, memoryMiBPerRun } = settings;
  const { evidence, looksAtEnd, ...asked } = request;
  return {
    ...asked,
    ...(looksAtEnd && maySeeWhatPassed(settings) ? { looksAtEnd } : {}),
    hosts: hosts === undefined ? request.hosts : inBoth(request.hosts, hosts),
    evidence: {
      ...evidence,
      screenshot: screenshots === 'never' ? 'none' : evidence.screenshot,
      trace: noTraces(settings) === undefined && evidence.trace,
      whenPassed: maySeeWhatPassed(settings) ? evidence.whenPassed : 'never',
    },
    ...(pageTexts === 'never' ? { pageTexts } : {}),
    most: {
      ...(cpuSecondsPerRun === undefined ? {} : { cpuMs: cpuSecondsPerRun * 1000 }),
      ...(memoryMiBPerRun === undefined ? {} : { memoryBytes: memoryMiBPerRun * MiB }),
    },
  };
}

/** Whoever wrote down what may be seen of failures meant no more than that. */
function maySeeWhatPassed(settings: Settings): boolean {
  return noneOfWhatPassed(settings) === undefined;
}

/** The setting by which nothing is seen of what passed, if there is one. */
export function noneOfWhatPassed({ screenshots, pageTexts }: Settings): 'screenshots' | 'pageTexts' | undefined {
  if (screenshots !== undefined) return 'screenshots';
  return pageTexts === undefined ? undefined : 'pageTexts';
}

/** The setting by which no traces are made, if there is one: they show pages as pictures do, and hold their texts. */
export function noTraces(settings: Settings): 'traces' | 'screenshots' | 'pageTexts' | undefined {
  return (['traces', 'screenshots', 'pageTexts'] as const).find((setting) => settings[setting] === 'never');
}

/** The keys whose scripts run here: those of the settings, else those that the server named. */
export function keysFor({ trustedKeys }: Settings, ofServer: readonly ScriptKey[]): readonly ScriptKey[] {
  return trustedKeys?.map((publicKey) => ({ id: keyId(publicKey), publicKey })) ?? ofServer;
}

/** What authors' tools call a key: the beginning of its SHA-256. */
function keyId(publicKey: string): string {
  return sha256Hex(Buffer.from(publicKey, 'base64')).slice(0, 16);
}

/** What the server asks for and the local settings refuse, by monitor. */
export function refusals(assignments: readonly Assignment[], settings: Settings): Refusal[] {
  return assignments
    .flatMap((assignment) => refusalsOf(assignment, settings, statementOf(assignment)))
    .slice(0, mostRefusals);
}

/** What an author says to have signed; whether that is so is asked where a run is to begin. */
export function statementOf({ script }: Assignment): ScriptStatement | undefined {
  try {
    return ScriptStatement.parse(JSON.parse(script.statement));
  } catch {
    return undefined;
  }
}

function refusalsOf(
  { monitorId, evidence }: Assignment,
  settings: Settings,
  statement: ScriptStatement | undefined,
): Refusal[] {
  const { hosts, screenshots, trustedKeys } = settings;
  const refused: Refusal[] = [];
  const refuse = (setting: Refusal['setting'], asked: string) =>
    void refused.push({ monitorId, setting, asked: asked.slice(0, 500) });
  if (hosts && statement) {
    const reachable = inBoth(statement.hosts, hosts);
    const away = statement.hosts.filter((host) => inBoth([host], reachable).length === 0);
    if (away.length > 0) refuse('hosts', `to reach ${away.join(', ')}`);
  }
  if (screenshots === 'never' && evidence.screenshot !== 'none') refuse('screenshots', 'a picture of what went wrong');
  const unseen = noneOfWhatPassed(settings);
  if (screenshots !== 'never' && evidence.screenshot !== 'none' && evidence.whenPassed !== 'never' && unseen)
    refuse(unseen, askedWhatPassed);
  const untraced = noTraces(settings);
  if (evidence.trace && untraced) refuse(untraced, 'a trace of what went wrong');
  if (trustedKeys && statement && !trustedKeys.some((key) => keyId(key) === statement.keyId))
    refuse('trustedKeys', `to run ${statement.script}, signed with the key ${statement.keyId}`);
  return refused;
}
