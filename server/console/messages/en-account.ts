import { plural } from './en-words.ts';

/* What the pages about accounts say. */

const dayMs = 86_400_000;
/** From how long ahead (ms) one is told that the password has to be renewed. */
const warnAheadMs = 14 * dayMs;

export const say = {
  code: 'Code',
  codeHint: 'Of your authenticator app, or a recovery code.',
  failed:
    'That did not let you in. Check your name and password. If you use a second factor, enter its code as well; each code is good once.',
  locked: (wait: string) =>
    `Too many failed attempts. Wait ${wait}, then try again, or ask an administrator to let you try at once.`,

  password: 'Password',
  current: 'Present password',
  currentWhy: 'Your own, to show that it is still you.',
  currentMissing: 'Fill in your own present password.',
  choose: 'New password',
  rules: 'At least 12 characters. A few words that have nothing to do with you are good, and easy to remember.',
  change: 'Change the password',
  changed: 'The password is changed. Wherever else you were signed in, you are signed out.',
  endsAt: 'Has to be renewed by',
  endsNever: 'Does not have to be renewed.',

  dueTitle: 'Choose another password',
  dueText:
    'Your password has to be renewed: it is 90 days old, or an administrator asks you to. Then you go on where you were.',
  factorDueTitle: 'Set up a second factor',
  factorDueText:
    'Whoever administers has to sign in with a code of an authenticator app as well. It takes a minute; then you go on where you were.',

  factor: 'Second factor',
  factorOff: 'Off. Anybody who learns your password can sign in as you.',
  factorOn: 'On. You sign in with your password and a code of your authenticator app.',
  codesLeft: (left: number) => (left === 0 ? 'No recovery code is left.' : `${plural(left, 'recovery code')} left.`),
  begin: 'Set up',
  remove: 'Switch off',
  renewCodes: 'New recovery codes',
  removeTitle: 'Switch the second factor off',
  renewTitle: 'Make new recovery codes',
  renewText: 'The ones you have now are worth nothing afterwards.',
  removeText: 'From then on your password alone lets you in.',
  scan: 'Scan this with an authenticator app, such as the one of your password manager or phone:',
  secret: 'No camera at hand? Enter this secret in the app instead:',
  enterCode: 'Then enter the code that the app shows:',
  switchOn: 'Switch on',
  codesTitle: 'Keep your recovery codes',
  codesText:
    'Each of them lets you in once in place of a code, if you lose your phone. Keep them where you keep what is dear to you: they are not shown again.',
  copyCodes: 'Copy',
  copied: 'Copied',
  kept: 'I have kept them',
  qrCode: 'QR code for an authenticator app',

  sessions: 'Where you are signed in',
  browser: 'Browser',
  unknownBrowser: 'An unknown browser',
  thisSession: 'this one',
  from: 'From',
  signedIn: 'Signed in',
  lastSeen: 'Last used',
  end: 'End',
  endOthers: 'End all others',
  endOthersTitle: 'End all other sessions',
  endOthersText: 'Wherever else you are signed in, you will have to sign in again.',

  linkTitle: { invitation: 'Welcome: choose a password', reset: 'Choose a new password' },
  linkSave: 'Choose this password',
  linkDone: 'The password is set. Sign in with it.',
  linkGone: 'This link is worth nothing any more',
  linkGoneNext: 'It was used before, or is too old. Ask whoever gave it to you for another one.',
  name: 'Name',

  usersLead: 'Who may sign in, and what they may do.',
  add: 'Add a user',
  addAt: (customer: string) => `Add a user of ${customer}`,
  role: 'Role',
  customerOf: 'Customer',
  provider: 'none: an operator',
  invite: 'Make the link',
  inviteHint: 'The user chooses a password by a link that you hand over: it is good for 7 days and one use.',
  nameMissing: 'Fill in a name.',
  lastSignIn: 'Last sign-in',
  state: 'State',
  on: 'On',
  off: 'Off',
  actions: 'Actions',
  more: (name: string) => `Actions for ${name}`,
  handOver: (name: string) => `Hand this to ${name}`,
  handOverText: (until: string) =>
    `Whoever opens it chooses the password. It is good for one use, until ${until}, and is not shown again.`,
  done: 'Done',
  roleTitle: (name: string) => `Change the role of ${name}`,
  roleText: 'Wherever the user is signed in, they are signed out.',
  roleSave: 'Change the role',
  renewal: 'Who has to renew the password every 90 days',
  renewalAll: 'Everybody',
  renewalSome: 'Who has no second factor',
} as const;

/** What a role is for, where one is chosen. */
export const roleHints = {
  viewer: 'Viewer: reads',
  author: 'Author: also has monitors run',
  admin: 'Administrator: also sentinels and users',
  operator: 'Operator: sees all customers',
  'operator-admin': 'Operator, administrator: also adds customers, and all users',
} as const;

/** What is asked before something is done to a user. */
export const deeds = {
  disabling: {
    action: 'Disable',
    title: 'Disable',
    text: 'The user is signed out at once and can not sign in any more.',
  },
  enabling: {
    action: 'Let in again',
    title: 'Let in again',
    text: 'The user can sign in again with the password of before.',
  },
  unlocking: {
    action: 'Unlock',
    title: 'Unlock',
    text: 'Failed attempts are forgotten: the user may try again at once.',
  },
  'password-change': {
    ...{ action: 'Demand another password', title: 'Demand another password of' },
    text: 'Before anything else, the user has to choose another password.',
  },
  'second-factor-removal': {
    ...{ action: 'Remove second factor', title: 'Remove the second factor of' },
    text: 'For who has lost both phone and recovery codes. The user is signed out, and signs in by the password alone.',
  },
  link: {
    ...{ action: 'Make a link', title: 'Make a link for' },
    text: 'By it the user chooses a password. It is good for an hour (7 days for who has none yet), and ends links made before. Wherever the user is signed in, they are signed out.',
  },
} as const;

/** How an account is, in a word or two; the most telling first. */
export function accountState(user: {
  isDisabled: boolean;
  isInvited: boolean;
  isLocked: boolean;
  isChangeDemanded: boolean;
}): string {
  if (user.isDisabled) return 'Disabled';
  if (user.isInvited) return 'Invited';
  if (user.isLocked) return 'Locked';
  return user.isChangeDemanded ? 'Must change password' : 'Active';
}

/** A sentence where the password has to be renewed within two weeks; else nothing. */
export function passwordWarning(endsAt: number | null, now: number): string | undefined {
  if (endsAt === null || endsAt - now > warnAheadMs) return undefined;
  const days = Math.max(0, Math.ceil((endsAt - now) / dayMs));
  return `Your password has to be renewed ${days === 0 ? 'today' : `within ${plural(days, 'day')}`}.`;
}
