import type { MonitorForm, MonitorWish, ScheduleWish, Sentinel } from './api/types.ts';
import { Unfit } from './explain.ts';
import { messages } from './messages/messages.ts';
import { tagsTyped } from './tags.ts';

/* A monitor as somebody fills it in: texts, until it is sent. Pure, so that it can be tested. */

export interface Draft {
  name: string;
  script: string;
  baseURL: string;
  /** Between commas. */
  tags: string;
  by: 'interval' | 'cron';
  /** Minutes. */
  every: string;
  cron: string;
  hours: string;
  timeZone: string;
  /** Whether only those that are named below run it. */
  chosen: boolean;
  /** Of sentinels. */
  names: readonly string[];
  /** All sentinels there, those that enrol later included. */
  locations: readonly string[];
  /** All sentinels that have one of them, those that are given it later included. */
  sentinelTags: readonly string[];
  /** Seconds by transaction; '' is the whole run. */
  thresholds: Readonly<Record<string, string>>;
  confirmFailures: boolean;
  /** Seconds. */
  timeout: string;
  screenshot: Policy['evidence']['screenshot'];
  trace: boolean;
  /** Pictures of transactions that pass. */
  whenPassed: boolean;
  /** A selector a line. */
  masks: string;
  /** NAME=value, one a line. */
  variables: string;
  paused: boolean;
}

type Policy = MonitorForm['policy'];

export const newDraft: Draft = {
  ...{ name: '', script: '', baseURL: '', tags: '', by: 'interval', every: '5', cron: '*/15 8-17 * * mon-fri' },
  ...{
    hours: '',
    timeZone: '',
    chosen: false,
    names: [],
    locations: [],
    sentinelTags: [],
    thresholds: {},
    confirmFailures: true,
    timeout: '60',
  },
  ...{ screenshot: 'viewport', trace: false, whenPassed: true, masks: '', variables: '', paused: false },
};

export function draftOf(monitor: MonitorForm): Draft {
  const { policy } = monitor;
  return {
    ...{ name: monitor.name, script: monitor.script, baseURL: monitor.baseURL, tags: monitor.tags.join(', ') },
    by: monitor.cron === undefined ? 'interval' : 'cron',
    every: monitor.everyMs === undefined ? newDraft.every : String(monitor.everyMs / 60_000),
    ...{ cron: monitor.cron ?? newDraft.cron, hours: monitor.hours ?? '', timeZone: monitor.timeZone ?? '' },
    ...{ chosen: monitor.sentinels !== undefined, names: monitor.sentinels?.names ?? [] },
    ...{ locations: monitor.sentinels?.locations ?? [], sentinelTags: monitor.sentinels?.tags ?? [] },
    thresholds: Object.fromEntries(
      Object.entries(monitor.thresholds ?? {}).map(([name, us]) => [name, String(us / 1e6)]),
    ),
    ...{ confirmFailures: policy.confirmFailures, timeout: String(monitor.timeoutMs / 1000) },
    ...{ screenshot: policy.evidence.screenshot, trace: policy.evidence.trace },
    whenPassed: policy.evidence.whenPassed !== 'never',
    masks: monitor.maskSelectors.join('\n'),
    variables: Object.entries(monitor.variables)
      .map(([name, value]) => `${name}=${value}`)
      .join('\n'),
    paused: monitor.paused,
  };
}

/** The schedule as it is typed so far. */
export function scheduleOf({ by, every, cron, hours, timeZone }: Draft): ScheduleWish {
  const within = hours.trim();
  const when =
    by === 'cron' ? { cron: cron.trim() } : { everyMs: Math.round(Number(every.replace(',', '.')) * 60_000) };
  const needsZone = by === 'cron' || within !== '';
  return {
    ...when,
    ...(within !== '' && { hours: within }),
    ...(needsZone && timeZone.trim() !== '' && { timeZone: timeZone.trim() }),
  };
}

/** Whether a sentinel runs the monitor as it is filled in so far, and is meant together with others: by location or tag. */
export function isMeant(
  { chosen, names, locations, sentinelTags }: Draft,
  { name, location, tags }: Pick<Sentinel, 'name' | 'location' | 'tags'>,
): false | 'alone' | 'with others' {
  if (!chosen || locations.includes(location) || tags.some((tag) => sentinelTags.includes(tag))) return 'with others';
  return names.includes(name) && 'alone';
}

/** What a choice names and there is not, or not any more: the server takes no form that names it. */
export function goneOf(
  { names, locations }: Pick<Draft, 'names' | 'locations'>,
  sentinels: readonly Pick<Sentinel, 'name' | 'location'>[],
): Pick<Draft, 'names' | 'locations'> {
  return {
    names: names.filter((name) => !sentinels.some((one) => one.name === name)),
    locations: locations.filter((location) => !sentinels.some((one) => one.location === location)),
  };
}

/** What is asked of the server; what the form doesn't show stays as it was `before`. Throws `Unfit`. */
export function wishOf(draft: Draft, before: MonitorForm | undefined): MonitorWish {
  const said = messages.monitors;
  if (draft.name.trim() === '') throw new Unfit(said.nameMissing);
  if (draft.script === '') throw new Unfit(said.scriptMissing);
  const { names, locations, sentinelTags } = draft;
  if (draft.chosen && names.length + locations.length + sentinelTags.length === 0)
    throw new Unfit(said.sentinelMissing);
  const whenPassed: Policy['evidence']['whenPassed'] = draft.whenPassed ? 'daily' : 'never';
  const evidence = { ...before?.policy.evidence, screenshot: draft.screenshot, trace: draft.trace, whenPassed };
  return {
    name: draft.name.trim(),
    script: draft.script,
    ...scheduleOf(draft),
    timeoutMs: Math.round(positive(draft.timeout, said.timeout) * 1000),
    use: draft.baseURL.trim() === '' ? {} : { baseURL: draft.baseURL.trim() },
    variables: Object.fromEntries(lines(draft.variables).map(variable)),
    maskSelectors: lines(draft.masks),
    thresholds: Object.fromEntries(
      Object.entries(draft.thresholds)
        .filter(([, seconds]) => seconds.trim() !== '')
        .map(([name, seconds]) => [name, Math.round(positive(seconds, name || said.wholeRun) * 1e6)]),
    ),
    tags: tagsTyped(draft.tags),
    ...(draft.chosen && { sentinels: { names: [...names], locations: [...locations], tags: [...sentinelTags] } }),
    policy: { ...before?.policy, evidence, confirmFailures: draft.confirmFailures },
    paused: draft.paused,
  };
}

function positive(text: string, what: string): number {
  const number = Number(text.replace(',', '.'));
  if (!(number > 0)) throw new Unfit(messages.monitors.notANumber(what));
  return number;
}

function lines(text: string): string[] {
  return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

function variable(line: string): [string, string] {
  const at = line.indexOf('=');
  if (at < 1) throw new Unfit(messages.monitors.notAVariable(line));
  return [line.slice(0, at).trim(), line.slice(at + 1)];
}
