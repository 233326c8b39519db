import { randomBytes } from 'node:crypto';
import type { Run } from './protocol/messages.ts';
import { newRunId } from './protocol/run-id.ts';
import { sha256Hex } from './protocol/statement.ts';
import type { EvidenceFile } from './spool/spool.ts';

export const monitorId = '11111111-2222-4333-8444-555555555555';

/** For tests: a run that passed, or as wished. */
export function buildRun(wishes: Partial<Run> = {}): Run {
  return {
    id: newRunId(Date.now()),
    monitorId,
    scriptSha256: sha256Hex('script'),
    scriptVersion: 1,
    dueAt: 1_700_000_000_000,
    startedAt: 1_700_000_000_100,
    durationUs: 1_200_000,
    outcome: 'passed',
    transactions: [{ name: 'Login', outcome: 'passed', startUs: 0, durationUs: 800_000, responseUs: 300_000 }],
    evidence: [],
    ...wishes,
  };
}

/** For tests: a file of random bytes, named by its hash. */
export function buildFile(bytes = 100): EvidenceFile {
  const content = randomBytes(bytes);
  return { sha256: sha256Hex(content), mediaType: 'image/webp', content };
}
