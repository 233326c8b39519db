import type { Run } from '../protocol/messages.ts';
import { sha256Hex } from '../protocol/statement.ts';
import type { Circumstances } from './attribution.ts';
import type { Picture } from './camera.ts';
import type { Connection } from './connection.ts';
import type { Ending } from './conversation.ts';
import type { GateFault } from './gate.ts';
import { withPageLoads } from './page-loads.ts';
import type { Beginning, TestResult } from './progress.ts';
import type { DetailedResult, RunRequest } from './runner.ts';
import type { SandboxLevel } from './sandbox.ts';
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
  const run: Run = {
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
    ...(story.denied.size > 0 ? { deniedHosts: [...story.denied] } : {}),
    host: circumstances.host,
    ...(ending.browser === undefined ? {} : { browser: ending.browser }),
  };
  return wentWrong ? { ...withPicture(run, ending.picture), tests } : { run, files: [], tests };
}

function withPicture(run: Run, picture: Picture | undefined): Omit<DetailedResult, 'tests'> {
  if (!picture || 'missing' in picture)
    return { run: { ...run, evidenceMissing: picture?.missing ?? 'no page was open' }, files: [] };
  const { image: content, mediaType } = picture;
  const sha256 = sha256Hex(content);
  const item = { kind: 'screenshot', sha256, bytes: content.length, mediaType } as const;
  return { run: { ...run, evidence: [item] }, files: [{ sha256, mediaType, content }] };
}
