import type { Permission } from '../api/types.ts';

/* What the pages of operators and tokens say. */

export const stays = {
  '15 minutes': 15 * 60_000,
  '1 hour': 3_600_000,
  '4 hours': 4 * 3_600_000,
  '8 hours': 8 * 3_600_000,
} as const;
export type Stay = keyof typeof stays;

export const tokenLives = {
  '30 days': 30 * 86_400_000,
  '90 days': 90 * 86_400_000,
  '180 days': 180 * 86_400_000,
  '1 year': 365 * 86_400_000,
} as const;
export type TokenLife = keyof typeof tokenLives;

/** What a token with this scope can do, as a sentence would say it. */
const scopeMeanings: Partial<Record<Permission, string>> = {
  read: 'Monitors, runs, reports, sentinels, maintenance',
  'see evidence': 'Screenshots, ARIA snapshots, traces',
  'run monitors': 'Have a monitor run once, now',
  'change monitors': 'Add monitors, see and change what they run',
  'change targets': 'Set what reports measure against, and their logo',
  'change maintenance': 'Add and remove times of maintenance',
  'change sentinels': 'Make enrolment codes, revoke sentinels',
  'change archive': 'Set how long months stay, ask for months of the archive',
  'see audit trail': 'Read and export the audit trail',
};

export function scopeMeaning(permission: Permission): string {
  return scopeMeanings[permission] ?? '';
}

export const say = {
  enter: 'Enter…',
  enterTitle: (customer: string) => `Enter ${customer}`,
  enterLead: 'The customer reads in its audit trail who you are, why you came, and everything you open.',
  reason: 'Reason',
  reasonHint: 'What you look for, in words that the customer understands.',
  reasonMissing: 'State a reason of at least 5 characters: the customer reads it.',
  ticket: 'Ticket (optional)',
  time: 'For at most',
  mayChange: 'With changes',
  mayChangeHint: 'Without, you only read. Users and tokens stay the customer’s in either case.',
  enterAction: 'Enter',
  notInside: (customer: string) => `You are not inside ${customer}`,
  notInsideNext: 'State a reason, and you see this page.',
  inside: 'You are inside',
  readOnly: 'Read only',
  withChanges: 'With changes',
  left: (span: string) => `${span} left`,
  leave: 'Leave',
  leaveFailed: 'You are still inside: the server does not answer. Try again.',
  open: 'Open',

  tokens: 'Tokens',
  tokensLead:
    'With a token, a program asks the API for this customer. It can do what its scope says, and nothing else.',
  tokensEmpty: 'No tokens yet',
  tokensEmptyNext: 'Make one for each program that is to ask the API, so that each can be revoked by itself.',
  addToken: 'Make a token',
  madeToken: 'The token is made',
  shownOnce: 'Copy it now: it is not shown again. Whoever has it can do what its scope says.',
  token: 'Token',
  tryIt: 'Try it in a shell',
  tryItHow: 'Try it in a shell, beside the file that this server hands out at /certs/ca.pem',
  done: 'Done',
  tokenName: 'Name',
  tokenNameHint: 'The program that will use it.',
  tokenNameMissing: 'Give the token a name.',
  scope: 'Scope',
  scopeMissing: 'Choose at least one thing that the token can do.',
  life: 'Valid for',
  make: 'Make the token',
  state: 'State',
  usable: 'Usable',
  revoked: 'Revoked',
  expired: 'Expired',
  until: 'until',
  lastUse: 'Last use',
  neverUsed: 'never',
  from: (address: string) => `from ${address}`,
  madeBy: 'Made by',
  actions: 'Actions',
  revoke: 'Revoke',
  revokeTitle: (name: string) => `Revoke “${name}”?`,
  revokeText: 'Programs that use it are refused from now on. It cannot be undone.',
} as const;
