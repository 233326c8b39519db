import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { openAuditKey } from './audit-key.ts';

const SignedText = z.object({
  /** JSON; the signature is over exactly these characters. */
  statement: z.string(),
  keyId: z.string(),
  signature: z.string(),
});

/** A statement (JSON) signed with this server's audit key, as a line of JSON. */
export function signedText(dataFolder: string, statement: string): string {
  const { id: keyId, privateKey } = openAuditKey(dataFolder);
  const signature = sign(null, Buffer.from(statement), privateKey).toString('base64');
  return `${JSON.stringify({ statement, keyId, signature })}\n`;
}

/** The statement, if one of the keys signed it as it is. */
export function statementOf(text: string, keys: ReadonlyMap<string, KeyObject>): string | undefined {
  try {
    const { statement, keyId, signature } = SignedText.parse(JSON.parse(text));
    const key = keys.get(keyId);
    const isGenuine = key && verify(null, Buffer.from(statement), key, Buffer.from(signature, 'base64'));
    return isGenuine ? statement : undefined;
  } catch {
    return undefined; // whatever it is, nobody signed it
  }
}
