import { queryOptions } from '@tanstack/react-query';
import { api, ask } from './client.ts';
import { pace, queryClient } from './queries.ts';
import type { DraftWish, Published, PublishWish, Trial, TrialWish } from './types.ts';

const seldom = pace(10_000);
/** Somebody waits for it, an operator too. */
const trialEvery = pace(1_000);
const longestMs = 5_000;
/** A picture follows its run within this time, or not at all. */
const pictureWithinMs = 60_000;

export const scriptsQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['scripts', customerId],
    refetchInterval: seldom,
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/scripts', { params: { path: { customerId } }, signal })),
  });

export const versionsQuery = (customerId: string, script: string) =>
  queryOptions({
    queryKey: ['scripts', customerId, script],
    refetchInterval: seldom,
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/scripts/{script}/versions', {
          params: { path: { customerId, script } },
          signal,
        }),
      ),
  });

/** A version of a script with its text; it never changes. */
export const versionQuery = (customerId: string, script: string, version: number) =>
  queryOptions({
    queryKey: ['script-version', customerId, script, version],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/scripts/{script}/versions/{version}', {
          params: { path: { customerId, script, version } },
          signal,
        }),
      ),
  });

export const templatesQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['script-templates', customerId],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/script-templates', { params: { path: { customerId } }, signal })),
  });

/** What publishing would say of a draft: the same text has the same answer. */
export const checkQuery = (customerId: string, draft: DraftWish) =>
  queryOptions({
    queryKey: ['script-check', customerId, draft],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
    queryFn: ({ signal }) =>
      ask(api.POST('/customers/{customerId}/script-checks', { params: { path: { customerId } }, body: draft, signal })),
  });

export const trialQuery = (customerId: string, trialId: string) =>
  queryOptions<Trial>({
    queryKey: ['trial', customerId, trialId],
    refetchInterval: ({ state: { data } }) => (isOver(data) ? false : Math.min(trialEvery(), longestMs)),
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/trials/{trialId}', { params: { path: { customerId, trialId } }, signal })),
  });

/** Earlier trials of a script's drafts, the newest first. */
export const trialsQuery = (customerId: string, script: string) =>
  queryOptions({
    queryKey: ['trials', customerId, script],
    refetchInterval: seldom,
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/trials', { params: { path: { customerId }, query: { script } }, signal })),
  });

export function publishScript(customerId: string, body: PublishWish): Promise<Published> {
  return thenAnew(
    customerId,
    ask(api.POST('/customers/{customerId}/scripts', { params: { path: { customerId } }, body })),
  );
}

export function rollBack(customerId: string, script: string, version: number): Promise<unknown> {
  const path = { customerId, script };
  const asked = api.POST('/customers/{customerId}/scripts/{script}/rollback', { params: { path }, body: { version } });
  return thenAnew(customerId, ask(asked));
}

export async function tryDraft(customerId: string, body: TrialWish): Promise<string> {
  const { trialId } = await ask(api.POST('/customers/{customerId}/trials', { params: { path: { customerId } }, body }));
  void queryClient.invalidateQueries({ queryKey: ['trials', customerId] });
  return trialId;
}

function isOver(trial: Trial | undefined): boolean {
  if (trial?.state === 'expired') return true;
  if (!trial?.run) return false;
  const hasPicture = trial.run.evidence.some(({ kind }) => kind === 'screenshot');
  const isLate = Date.now() - trial.run.receivedAt > pictureWithinMs;
  return hasPicture || trial.run.evidenceMissing !== null || isLate;
}

function thenAnew<T>(customerId: string, asked: Promise<T>): Promise<T> {
  return asked.finally(() => void queryClient.invalidateQueries({ queryKey: ['scripts', customerId] }));
}
