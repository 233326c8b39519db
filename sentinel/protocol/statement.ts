import { createHash, createPublicKey, verify } from 'node:crypto';
import { type ScriptKey, ScriptStatement, type SignedStatement } from './messages.ts';

export type Verified = { ok: true; statement: ScriptStatement } | { ok: false; reason: string };

/** Whether a signed statement carries the Ed25519 signature (RFC 8032) of one of the trusted keys, for this customer. */
export function verifyStatement(signed: SignedStatement, keys: readonly ScriptKey[], customerId: string): Verified {
  let statement: ScriptStatement;
  try {
    statement = ScriptStatement.parse(JSON.parse(signed.statement));
  } catch {
    return { ok: false, reason: 'its signed statement cannot be read' };
  }
  const key = keys.find((k) => k.id === statement.keyId);
  if (!key)
    return { ok: false, reason: `it is signed with the key ${statement.keyId}, which this sentinel does not trust` };
  if (!signatureHolds(signed, key)) return { ok: false, reason: 'its signature does not match its statement' };
  if (statement.customerId !== customerId) return { ok: false, reason: 'it is signed for another customer' };
  return { ok: true, statement };
}

function signatureHolds(signed: SignedStatement, key: ScriptKey): boolean {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(key.publicKey, 'base64'), format: 'der', type: 'spki' });
    if (publicKey.asymmetricKeyType !== 'ed25519') return false;
    return verify(null, Buffer.from(signed.statement), publicKey, Buffer.from(signed.signature, 'base64'));
  } catch {
    return false;
  }
}

/** SHA-256 of a text or bytes as 64 hexadecimal digits. */
export function sha256Hex(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
