import { en } from './en.ts';

/** All that a language has to say. */
export type Messages = typeof en;

/** What the console says, in the language it is shown in. */
export const messages: Messages = en;
