import type { UserRow } from '../../db/registry/rows.ts';
import { Refused } from '../http/refused.ts';
import { type Hashing, passwordHolds } from './password.ts';
import { passwordStrength } from './password-strength.ts';

export const minPasswordLength = 12;
/** A password may come back after so many others. */
export const rememberedPasswords = 10;
/** Of 4: some hundred million guesses at least. */
const leastScore = 3;
/** A shorter name of an account may stand in a password by chance. */
const tellingLength = 4;

type Passwords = Pick<UserRow, 'password_hash' | 'earlier_hashes'>;

/** Throws `Refused` if a password has fewer than 12 characters. */
export function refuseShort(password: string): void {
  const length = [...password.normalize('NFKC')].length;
  if (length >= minPasswordLength) return;
  throw new Refused(
    `the password has ${length} characters and needs ${minPasswordLength}: a few words make a good one`,
  );
}

/**
 * Throws `Refused`, saying what is wrong and what would help, if a password is too short, easy to guess, or holds one of
 * `words`: what others know of the account.
 */
export async function refuseWeak(password: string, words: readonly string[]): Promise<void> {
  refuseShort(password);
  const folded = fold(password);
  const told = words.find((word) => [...word].length >= tellingLength && folded.includes(fold(word)));
  if (told !== undefined) {
    throw new Refused(
      `the password holds "${told}", which others try first: choose one that has nothing to do with you`,
    );
  }
  const { score, advice } = await passwordStrength(password, [...words]);
  if (score >= leastScore) return;
  const help = advice || 'Add another word or two that nobody would expect.';
  throw new Refused(`the password is easy to guess. ${help}`);
}

/** Throws `Refused` if it is one of the account's last ten. */
export async function refuseEarlier(hashing: Hashing, user: Passwords, password: string): Promise<void> {
  for (const hash of [user.password_hash, ...earlierHashes(user)].filter((hash) => hash !== '')) {
    if (await passwordHolds(hashing, password, hash)) {
      throw new Refused(`this was one of your last ${rememberedPasswords} passwords: choose one that you have not had`);
    }
  }
}

/** What is remembered once another password takes the place of the present one. */
export function hashesAfter(user: Passwords): string {
  const present = user.password_hash === '' ? [] : [user.password_hash];
  return JSON.stringify([...present, ...earlierHashes(user)].slice(0, rememberedPasswords - 1));
}

function earlierHashes({ earlier_hashes }: Passwords): string[] {
  return JSON.parse(earlier_hashes ?? '[]');
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
