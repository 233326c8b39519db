import type { ServerContext } from './context.ts';
import { HttpProblem } from './problem.ts';

/** Half a year: whoever reads it later asks again. RFC 9116 recommends less than a year. */
const validDays = 180;
const dayMs = 86_400_000;

/** Whom to tell of a weakness of this server. */
export interface SecurityContact {
  /** `mailto:` or `https:` */
  contact: string | undefined;
  /** Where the key is to encrypt for them. */
  key: string | undefined;
}

/** The text of `/.well-known/security.txt` (RFC 9116). Problem: 404 `NO_CONTACT` where its operator has named none. */
export function securityTxt({
  securityContact,
  consoleUrl,
  now,
}: Pick<ServerContext, 'securityContact' | 'consoleUrl' | 'now'>) {
  const { contact, key } = securityContact;
  if (contact === undefined) {
    const next = 'its operator names one with: vedette-server run --security-contact mailto:security@…';
    throw new HttpProblem(404, 'NO_CONTACT', `this server names nobody to report a weakness to: ${next}`);
  }
  const expires = new Date(Math.ceil(now() / dayMs) * dayMs + validDays * dayMs).toISOString();
  return [
    `Contact: ${contact}`,
    `Expires: ${expires}`,
    ...(key === undefined ? [] : [`Encryption: ${key}`]),
    'Preferred-Languages: en',
    ...(consoleUrl === undefined ? [] : [`Canonical: ${consoleUrl}/.well-known/security.txt`]),
    '',
  ].join('\n');
}
