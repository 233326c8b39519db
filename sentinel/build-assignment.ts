import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import {
  type Assignment,
  EvidencePolicy,
  type ScriptKey,
  type ScriptStatement,
  type Trial,
} from './protocol/messages.ts';
import { sha256Hex } from './protocol/statement.ts';

/** For tests: the customer, the script key and the script of the assignments below. */
export const customerId = '77777777-2222-4333-8444-555555555555';
const pair = generateKeyPairSync('ed25519');
export const scriptKey: ScriptKey = {
  id: 'key-1',
  publicKey: pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
};
export const bundle = "require('@playwright/test').test('Web shop', async () => {});\n";

/** For tests: an assignment with a signed script; `statement` changes what is signed. */
export function buildAssignment(
  wishes: Partial<Assignment> = {},
  statement: Partial<ScriptStatement> = {},
  key: KeyObject = pair.privateKey,
): Assignment {
  const text = JSON.stringify({
    customerId,
    script: 'shop.spec.ts',
    version: 1,
    bundleSha256: sha256Hex(bundle),
    hosts: ['127.0.0.1'],
    secrets: [],
    keyId: scriptKey.id,
    signedAt: 1_700_000_000_000,
    ...statement,
  } satisfies ScriptStatement);
  return {
    monitorId: randomUUID(),
    name: 'Web shop',
    script: { statement: text, signature: sign(null, Buffer.from(text), key).toString('base64') },
    schedule: { everyMs: 60_000 },
    timeoutMs: 30_000,
    use: {},
    variables: {},
    secrets: [],
    maskSelectors: [],
    evidence: EvidencePolicy.parse({ whenPassed: 'daily' }),
    confirmFailures: false,
    minSandboxLevel: 1,
    ...wishes,
  };
}

/** For tests: the same script to be tried once. */
export function buildTrial(wishes: Partial<Trial> = {}): Trial {
  const { monitorId: trialId, schedule: _, confirmFailures: __, ...assignment } = buildAssignment();
  const at = Date.now();
  return { ...assignment, trialId, name: 'shop.spec.ts, tried by alice', askedAt: at, until: at + 600_000, ...wishes };
}
