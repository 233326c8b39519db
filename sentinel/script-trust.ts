import type { ScriptKey, ScriptStatement, SignedStatement } from './protocol/messages.ts';
import { type Verified, verifyStatement } from './protocol/statement.ts';

export interface ScriptTrust {
  keys: readonly ScriptKey[];
  customerId: string;
  /** The highest version of a script that was ever accepted here, 0 if none. */
  highestVersion(script: string): number;
}

export type Trusted = { ok: true; statement: ScriptStatement } | { ok: false; reason: string };

/** Whether a script may run here: signed by a trusted key, for this customer, and not older than what was seen before. */
export function trustScript(
  { script: signed }: { script: SignedStatement },
  { keys, customerId, highestVersion }: ScriptTrust,
): Trusted {
  const verified = verifiedOnce(signed, keys, customerId);
  if (!verified.ok) return verified;
  const { script, version, rollback } = verified.statement;
  const highest = highestVersion(script);
  if (version >= highest || rollback) return verified;
  const reason = `its version ${version} is older than version ${highest}, which was seen here before, and it is no rollback`;
  return { ok: false, reason };
}

const known = new WeakMap<SignedStatement, { by: string; verified: Verified }>();

/** Of one statement a signature is verified once for the same keys: it is asked for several times a minute. */
function verifiedOnce(signed: SignedStatement, keys: readonly ScriptKey[], customerId: string): Verified {
  const by = JSON.stringify([keys, customerId]);
  const before = known.get(signed);
  if (before?.by === by) return before.verified;
  const verified = verifyStatement(signed, keys, customerId);
  known.set(signed, { by, verified });
  return verified;
}
