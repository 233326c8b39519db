/*
 * What the console says, in the language it is shown in: the one door to it. Another language is other files of these
 * shapes, and no page changes.
 */

import { en } from './en.ts';

/** All that a language has to say, by page. */
export type Messages = typeof en;

export const messages: Messages = en;
export {
  type Stay,
  say as accessWords,
  scopeMeaning,
  stays,
  type TokenLife,
  tokenLives,
} from './en-access.ts';
export { accountState, deeds, passwordWarning, roleHints, say as accountWords } from './en-account.ts';
export { actionName, detailWords } from './en-audit.ts';
export {
  byUrgency,
  type Life,
  lives,
  matches,
  needsCare,
  say as sentinelWords,
  sentinelStates,
  sentinelsHeadline,
} from './en-sentinels.ts';
export * from './en-words.ts';
