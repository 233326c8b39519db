import type { SentinelState } from '../api/types.ts';
import { count } from '../format.ts';
import { plural } from './en-words.ts';

/* What the page of sentinels says. */

export const sentinelStates = {
  connected: 'Connected',
  problems: 'Problems',
  parked: 'Two machines',
  away: 'Not heard of',
  unused: 'Never heard of',
  paused: 'Paused',
  revoked: 'Revoked',
} as const satisfies Record<SentinelState, string>;

/** Those that somebody must see to come first. */
const urgency = ['parked', 'problems', 'away', 'unused', 'paused', 'connected', 'revoked'] as const;

/** The worst first, then by name. */
export function byUrgency(
  a: { state: SentinelState; name: string },
  b: { state: SentinelState; name: string },
): number {
  return urgency.indexOf(a.state) - urgency.indexOf(b.state) || a.name.localeCompare(b.name);
}

/** Whether somebody must see to it. */
export function needsCare(state: SentinelState): boolean {
  return state === 'parked' || state === 'problems' || state === 'away';
}

/** "2 of 14 sentinels need a look", "All 14 sentinels are connected"; revoked ones are no sentinels any more. */
export function sentinelsHeadline(states: readonly SentinelState[]): string {
  const live = states.filter((state) => state !== 'revoked');
  const [care, connected] = [live.filter(needsCare).length, live.filter((state) => state === 'connected').length];
  if (live.length === 0) return 'No sentinels';
  if (care > 0) return `${care} of ${plural(live.length, 'sentinel')} ${care === 1 ? 'needs' : 'need'} a look`;
  if (connected < live.length) return `${connected} of ${plural(live.length, 'sentinel')} connected`;
  return live.length === 1 ? 'The sentinel is connected' : `All ${live.length} sentinels are connected`;
}

/** Whether a row has all that was typed, anywhere in it, in whatever case. */
export function matches(typed: string, texts: readonly (string | null)[]): boolean {
  const row = texts.join(' ').toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => row.includes(word));
}

export const lives = {
  '1 hour': 3_600_000,
  '8 hours': 28_800_000,
  '1 day': 86_400_000,
  '7 days': 604_800_000,
  '30 days': 2_592_000_000,
  '1 year': 31_536_000_000,
} as const;
export type Life = keyof typeof lives;

export const say = {
  title: 'Sentinels',
  empty: 'No sentinels yet',
  emptyNext:
    'A sentinel runs your scripts on a workstation, thin client or virtual desktop and reports from there. Add one: you get a line to paste into a shell of the device.',
  emptyNextViewer: 'An administrator adds them here, or on the server’s command line.',
  none: 'No sentinel is like that',
  noneNext: 'Change what you typed, or show all.',
  onlyAdmins: 'Administrators add, change and revoke sentinels.',
  filter: 'Filter by name, location, tag …',
  show: 'Which sentinels',
  all: 'All',
  needLook: (n: number) => `Need a look (${n})`,

  name: 'Sentinel',
  state: 'State',
  spool: 'Spool',
  spoolMeaning: 'Runs on the device that the server does not have yet',
  clock: 'Clock',
  clockMeaning: 'Server’s clock minus the device’s',
  sandbox: 'Sandbox',
  level: (n: number) => `Level ${n}`,
  browser: 'Browser',
  version: 'Version',
  actions: 'Actions',
  lastHeard: 'last heard of',
  enrolled: 'enrolled',
  since: 'since',
  paused: (reason: string | null) => `on the device${reason ? `, “${reason}”,` : ''} since`,
  refused: (setting: string, asked: string) => `The device’s settings (${setting}) do not allow: ${asked}`,
  waiting: (n: number) => (n === 0 ? 'nothing waits' : `${plural(n, 'run')} ${n === 1 ? 'waits' : 'wait'}`),
  rejected: (n: number) => `${n} refused`,
  putOff: (n: number) => `${n} put off`,
  drop: (kind: string, reason: string, n: number) => `${n} ${kind} dropped for want of room (${reason})`,
  dropped: (n: number) => `${n} dropped`,
  more: (n: number) => `and ${n} more`,

  add: 'Add a sentinel',
  tags: 'Tags',
  tagsHint: 'Between commas. Monitors can choose their sentinels by them.',
  location: 'Location',
  locationHint: 'Where the device is, as your people say it. A new name makes a new location.',
  locationMissing: 'Say where the device is.',
  forWhat: 'For',
  one: 'One device',
  pool: 'A pool of devices',
  uses: 'How many devices',
  usesWrong: 'Say how many, from 1 to 100,000.',
  poolHint: 'Put the code into the image’s first start, never an enrolled sentinel: copies of one are parked.',
  life: 'Can be used for',
  make: 'Make the code',
  made: 'Run this on the device',
  shownOnce: (uses: number, location: string) =>
    `The code is in it, for ${uses === 1 ? 'one device' : `${count(uses)} devices`} at ${location}. It is shown this once.`,
  validUntil: 'It can be used until',
  code: 'Code',
  platform: 'Platform',
  unix: 'Linux, macOS',
  windows: 'Windows',
  installed: 'Installed already',
  noPackages: 'This server hands out no packages: install the sentinel on the device first, then run',
  unixHow: 'In a shell; no administrator rights are needed.',
  windowsHow: 'In PowerShell; no administrator rights are needed.',
  installedHow: 'In a shell of a device on which vedette-sentinel is installed.',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'Select it and copy it by hand',
  waitingFor: 'It shows in the list as soon as it has enrolled.',
  done: 'Done',

  codes: 'Open codes',
  codesHow: 'Codes that devices can still enrol with.',
  begins: 'Begins with',
  usesLeft: 'Uses left',
  ofUses: (left: number, all: number | null) => (all === null || all === 1 ? `${left}` : `${left} of ${all}`),
  until: 'Until',
  madeBy: 'Made by',
  withdraw: 'Withdraw',
  withdrawTitle: (location: string) => `Withdraw the code for ${location}?`,
  withdrawText: 'No device can enrol with it from now on. Sentinels that have enrolled with it stay.',

  change: 'Change',
  changeTitle: (name: string) => `Change ${name}`,
  nameField: 'Name',
  nameMissing: 'Give it a name.',
  moveHint: 'Results so far stay at the location where they were measured.',
  save: 'Save',

  revoke: 'Revoke',
  revokeTitle: (name: string) => `Revoke ${name}?`,
  revokeText:
    'From its next request on the server takes nothing from it, and it says so on the device. Its past results stay. To bring it back, enrol it anew with a new code.',

  decide: 'Decide',
  decideTitle: (name: string) => `Which machine is ${name}?`,
  decideText:
    'Several machines have this sentinel’s identity, as after copying a disk or an image. One reports, the others are parked and keep their results. Choose the one that goes on. On the others, run with a new code:',
  anew: 'vedette-sentinel enrol --anew --server … --pin … --code …',
  machines: 'Machines',
  reporting: 'reports now',
  parked: 'parked',
  turnedAway: 'turned away',
  goesOn: 'This one goes on',
  second: (n: number) =>
    n === 1
      ? 'A second machine has its identity and is parked.'
      : `${n} more machines have its identity and are parked.`,
} as const;
