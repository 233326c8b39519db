import type { Run } from '../protocol/messages.ts';
import { sha256Hex } from '../protocol/statement.ts';
import type { Circumstances } from './attribution.ts';
import type { Ending } from './conversation.ts';
import type { Evidence } from './evidence/evidence.ts';
import { withoutPauses } from './evidence/passed-pictures.ts';
import type { Connection } from './gate/connection.ts';
import type { GateFault } from './gate/gate.ts';
import { withPageLoads } from './pages/page-loads.ts';
import type { Beginning, TestResult } from './progress.ts';
import type { DetailedResult, RunRequest } from './runner.ts';
import type { SandboxLevel } from './sandbox/sandbox.ts';
import { verdict } from './verdict.ts';

/** Everything that is known of a run when it is over. */
export interface Story {
  request: RunRequest;
  began: Beginning;
  endedUs: number;
  tests: readonly TestResult[];
  ending: Ending;
  faults: readonly GateFault[];
  denied: ReadonlySet<string>;
  connections: readonly Connection[];
  mask(text: string): string;
  sandboxLevel: SandboxLevel;
  circumstances: Circumstances;
}

/** The run as it is reported, with its evidence. */
export function resultOf(story: Story): DetailedResult {
  const { request, began, endedUs, ending, circumstances } = story;
  const { tests, ...end } = verdict(story.tests, ending.error, story.faults, story.mask, circumstances);
  const wentWrong = end.outcome === 'failed' || end.outcome === 'errored';
  const told: Run = {
    id: request.id,
    monitorId: request.monitorId,
    scriptSha256: request.statement.bundleSha256,
    scriptVersion: request.statement.version,
    dueAt: request.dueAt,
    startedAt: Math.round(began.ms),
    durationUs: endedUs - began.us,
    ...end,
    transactions: end.transactions.map((transaction) => withPageLoads(transaction, { ...story, ...ending })),
    evidence: [],
    sandboxLevel: story.sandboxLevel,
    ...(ending.usage ? { usage: ending.usage } : {}),
    ...(story.denied.size > 0 ? { deniedHosts: [...story.denied].map(story.mask) } : {}),
    host: circumstances.host,
    ...(ending.browser === undefined ? {} : { browser: ending.browser }),
  };
  const run = withoutPauses(told, began.us, ending.pauses);
  const isWanted = wentWrong || request.looksAtEnd === true;
  const pictures = { files: end.outcome === 'passed' ? ending.pictures : [], missing: [], page: undefined };
  return { ...withEvidence(run, isWanted ? ending.evidence : pictures), tests };
}

function withEvidence(run: Run, evidence: Omit<Evidence, 'hidden'> | undefined): Omit<DetailedResult, 'tests'> {
  const { files, missing, page } = evidence ?? { files: [], missing: ['no page was open'] };
  const named = files.map((file) => ({ ...file, sha256: sha256Hex(file.content) }));
  const items = named.map(({ kind, sha256, mediaType, content, transaction }) => ({
    ...{ kind, sha256, bytes: content.length, mediaType },
    ...(transaction === undefined ? {} : { transaction }),
  }));
  const why = missing.join('; ');
  return {
    run: { ...run, evidence: items, ...(why === '' ? {} : { evidenceMissing: why }), ...(page ? { page } : {}) },
    files: named.map(({ sha256, mediaType, content }) => ({
      ...{ sha256, mediaType, content },
      ...(run.outcome === 'passed' ? { whenPassed: true } : {}),
    })),
  };
}
