import { z } from 'zod';
import { Outcome, Uuid } from '../../sentinel/protocol/messages.ts';
import { Draft } from '../assignments/publish-routes.ts';
import { RunAnswer } from '../reports/shapes.ts';

export const TrialWish = Draft.extend({
  sentinelId: Uuid,
  monitorId: Uuid.optional().describe('with whose options, variables and secrets it is run; none: with what is usual'),
  baseURL: z.string().max(2000).optional().describe('where it begins, if no monitor says so'),
  variables: z
    .record(z.string().min(1).max(100), z.string().max(10_000))
    .optional()
    .describe('plain values for what it reads, if no monitor gives them'),
});
export type TrialWish = z.output<typeof TrialWish>;

export const NewTrial = z.object({ trialId: z.string() });

const summary = {
  id: z.string(),
  script: z.string(),
  sentinel: z.object({ id: z.string(), name: z.string(), location: z.string() }),
  askedBy: z.string(),
  /** ms since 1970, as all instants. */
  askedAt: z.int(),
  /** When nobody waits for it any more. */
  until: z.int(),
  /** `fetched`: the sentinel has the draft and is about to run it; `expired`: it has not run it in time. */
  state: z.enum(['asked', 'fetched', 'done', 'expired']),
};

export const TrialAnswer = z.object({
  ...summary,
  /** What came of it; it is in no figure, and its `monitor` is the draft. */
  run: RunAnswer.nullable(),
});
export type TrialAnswer = z.infer<typeof TrialAnswer>;

/** The newest trials of one script's drafts. */
export const TrialsAnswer = z.object({
  trials: z.array(z.object({ ...summary, outcome: Outcome.nullable().describe('null: it has not been run') })),
});
export type TrialsAnswer = z.infer<typeof TrialsAnswer>;
