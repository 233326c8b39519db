import { infiniteQueryOptions, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query';
import {
  before,
  bounds,
  isAll,
  type Period,
  periodKey,
  type Step,
  stepFor,
  stepWithin,
  worthMinutes,
} from '../period.ts';
import { ApiError, api, ask, takeTokenOf } from './client.ts';
import type { AuditPage, NewCode, Outcome, ResponseTimes, RunDetail, Session } from './types.ts';

const soon = pace(2_000);
const often = pace(5_000);
const seldom = pace(10_000);
const rarely = pace(60_000);

export const sessionKey = ['session'] as const;

/** How often to ask. Whatever an operator is shown of a customer is written into its audit trail, so their pages ask seldom. */
export function pace(ms: number): () => number {
  const isOperator = () => queryClient.getQueryData<Session>(sessionKey)?.customer === null;
  return () => (isOperator() ? Math.max(ms, 60_000) : ms);
}

/** The cache of all that the server said. A session that ended anywhere is ended everywhere: the sign-in page shows. */
export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof ApiError && error.status === 401) queryClient.setQueryData(sessionKey, null);
    },
  }),
  defaultOptions: {
    queries: {
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      staleTime: 2_000,
      gcTime: 10 * 60_000,
    },
  },
});

/** Who is signed in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<Session | null> => {
    const session = await ask(api.GET('/session', { signal })).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    });
    takeTokenOf(session);
    return session;
  },
});

/** `code` is of the second factor, where there is one. */
export async function signIn(name: string, password: string, code: string): Promise<void> {
  startAnew(await ask(api.POST('/session', { body: { name, password, ...(code !== '' && { code }) } })));
}

/** Ends the session on the server. What the page still holds goes with it: load it anew afterwards. */
export async function signOut(): Promise<void> {
  await ask(api.DELETE('/session'));
}

/** The session goes on under another token, or with something done that was due. */
export function takeSession(session: Session): void {
  takeTokenOf(session);
  queryClient.setQueryData(sessionKey, session);
}

// Nothing that one user saw is left for the next. The session itself stays in the cache, since the app is watching it.
function startAnew(session: Session): void {
  queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
  takeSession(session);
}

export const customersQuery = queryOptions({
  queryKey: ['customers'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => ask(api.GET('/customers', { signal })),
});

export const overviewQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['overview', customerId],
    refetchInterval: seldom,
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/overview', { params: { path: { customerId } }, signal })),
  });

export const monitorQuery = (customerId: string, monitorId: string, period: Period) =>
  queryOptions({
    queryKey: ['monitor', customerId, monitorId, periodKey(period)],
    refetchInterval: often,
    placeholderData: keptFor(customerId, monitorId),
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/monitors/{monitorId}', {
          params: { path: { customerId, monitorId }, query: bounds(period, Date.now()) },
          signal,
        }),
      ),
  });

/** Response times and of which period they are, so that those of the period before are known while one waits. */
export type PeriodAnswer = ResponseTimes & { of: string };

export const responseTimesQuery = (customerId: string, monitorId: string, period: Period) =>
  queryOptions({
    queryKey: ['response-times', customerId, monitorId, periodKey(period)],
    refetchInterval: seldom,
    placeholderData: keptFor(customerId, monitorId),
    queryFn: async ({ signal }): Promise<PeriodAnswer> => {
      const path = { customerId, monitorId };
      const asked = bounds(period, Date.now());
      const rough = await responseTimes(path, asked, stepFor(asked), signal);
      const points = rough.transactions.flatMap((transaction) => transaction.points.map((point) => point.at));
      // All that was measured begins where it does, which the first answer tells.
      const whole = isAll(period) && points.length > 0 ? { ...asked, from: Math.min(...points) } : asked;
      const part = rough.step === 'minute' ? undefined : worthMinutes(whole, points);
      const step = part ? 'minute' : stepFor(whole);
      const answer = step === rough.step ? rough : await responseTimes(path, part ?? whole, step, signal);
      return { ...within(answer, whole), of: periodKey(period) };
    },
  });

/** The figures of the period before, in the steps of what is shown; nothing is asked while nothing is compared. */
export const beforeQuery = (customerId: string, monitorId: string, period: Period, shown: ResponseTimes | undefined) =>
  queryOptions({
    queryKey: ['response-times-before', customerId, monitorId, periodKey(period), shown?.step],
    enabled: shown !== undefined,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<ResponseTimes> => {
      const earlier = before(bounds(period, Date.now()));
      const path = { customerId, monitorId };
      return within(await responseTimes(path, earlier, stepWithin(earlier, shown?.step ?? 'hour'), signal), earlier);
    },
  });

export const weekQuery = (customerId: string, monitorId: string, period: Period, transaction: string | null) =>
  queryOptions({
    queryKey: ['week', customerId, monitorId, periodKey(period), transaction],
    refetchInterval: rarely,
    placeholderData: keptFor(customerId, monitorId),
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/monitors/{monitorId}/week', {
          params: { path: { customerId, monitorId }, query: compareQuery(period, transaction) },
          signal,
        }),
      ),
  });

export const locationsQuery = (customerId: string, monitorId: string, period: Period, transaction: string | null) =>
  queryOptions({
    queryKey: ['locations', customerId, monitorId, periodKey(period), transaction],
    refetchInterval: rarely,
    placeholderData: keptFor(customerId, monitorId),
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/monitors/{monitorId}/locations', {
          params: { path: { customerId, monitorId }, query: compareQuery(period, transaction) },
          signal,
        }),
      ),
  });

function compareQuery(period: Period, transaction: string | null) {
  return { ...bounds(period, Date.now()), ...(transaction === null ? {} : { transaction }) };
}

function responseTimes(
  path: { customerId: string; monitorId: string },
  period: { from: number; to: number },
  step: Step,
  signal: AbortSignal,
): Promise<ResponseTimes> {
  const address = '/customers/{customerId}/monitors/{monitorId}/response-times';
  return ask(api.GET(address, { params: { path, query: { ...period, step } }, signal }));
}

// Longer steps are answered in whole hours; the page shows and counts what lies in the period alone.
function within(answer: ResponseTimes, period: { from: number; to: number }): ResponseTimes {
  const failures = answer.failures.filter(({ at }) => at >= period.from && at < period.to);
  return { ...answer, period, failures };
}

export interface FailureFilter {
  monitor?: string;
  location?: string;
  code?: string;
}

export const failuresQuery = (customerId: string, period: Period, filter: FailureFilter) =>
  queryOptions({
    queryKey: ['failures', customerId, periodKey(period), filter],
    refetchInterval: seldom,
    placeholderData: keptFor(customerId),
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/failures', {
          params: { path: { customerId }, query: { ...bounds(period, Date.now()), ...filter, limit: 100 } },
          signal,
        }),
      ),
  });

export const failureGroupQuery = (customerId: string, groupId: string, period: Period, before: string | undefined) =>
  queryOptions({
    queryKey: ['failure-group', customerId, groupId, periodKey(period), before ?? ''],
    refetchInterval: seldom,
    placeholderData: keptFor(customerId, groupId),
    queryFn: ({ signal }) => {
      const query = { ...bounds(period, Date.now()), limit: 25, ...(before === undefined ? {} : { before }) };
      const path = { customerId, groupId: Number(groupId) };
      return ask(api.GET('/customers/{customerId}/failures/{groupId}', { params: { path, query }, signal }));
    },
  });

export interface RunFilter {
  outcome?: Outcome;
  before?: string;
}

export const runsQuery = (customerId: string, monitorId: string, filter: RunFilter) =>
  queryOptions({
    queryKey: ['runs', customerId, monitorId, filter.outcome ?? '', filter.before ?? ''],
    refetchInterval: often,
    placeholderData: keptFor(customerId, monitorId),
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/monitors/{monitorId}/runs', {
          params: { path: { customerId, monitorId }, query: { limit: 25, ...filter } },
          signal,
        }),
      ),
  });

export const runQuery = (customerId: string, runId: string) =>
  queryOptions({
    queryKey: ['run', customerId, runId],
    queryFn: ({ signal }): Promise<RunDetail> =>
      ask(api.GET('/customers/{customerId}/runs/{runId}', { params: { path: { customerId, runId } }, signal })),
    // A run never changes, but its screenshot, which is sent after it, and the run after it arrive later.
    refetchInterval: ({ state: { data } }) => (data && isOnItsWay(data) ? soon() : seldom()),
  });

function isOnItsWay({ outcome, evidence, evidenceMissing }: RunDetail): boolean {
  const wentWrong = outcome === 'failed' || outcome === 'errored';
  return wentWrong && evidenceMissing === null && !evidence.some(({ kind }) => kind === 'screenshot');
}

export const sentinelsQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['sentinels', customerId],
    refetchInterval: often,
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/sentinels', { params: { path: { customerId } }, signal })),
  });

export const openCodesQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['sentinels', customerId, 'codes'],
    refetchInterval: often,
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/enrolment-codes', { params: { path: { customerId } }, signal })),
  });

export function addCode(
  customerId: string,
  body: { location: string; tags: string[]; uses: number; lifeMs: number },
): Promise<NewCode> {
  const asked = ask(api.POST('/customers/{customerId}/enrolment-codes', { params: { path: { customerId } }, body }));
  return thenAnew(customerId, asked);
}

export function withdrawCode(customerId: string, codeId: string): Promise<unknown> {
  const address = '/customers/{customerId}/enrolment-codes/{codeId}';
  return thenAnew(customerId, ask(api.DELETE(address, { params: { path: { customerId, codeId } } })));
}

/** Another name, location or tags. */
export function changeSentinel(
  customerId: string,
  sentinelId: string,
  body: { name?: string; location?: string; tags?: string[] },
): Promise<unknown> {
  const address = '/customers/{customerId}/sentinels/{sentinelId}';
  return thenAnew(customerId, ask(api.PUT(address, { params: { path: { customerId, sentinelId } }, body })));
}

export function revokeSentinel(customerId: string, sentinelId: string): Promise<unknown> {
  const address = '/customers/{customerId}/sentinels/{sentinelId}/revocation';
  return thenAnew(customerId, ask(api.POST(address, { params: { path: { customerId, sentinelId } } })));
}

/** Of several machines with one identity, the one of `boot` goes on. */
export function decideMachine(customerId: string, sentinelId: string, boot: string): Promise<unknown> {
  const address = '/customers/{customerId}/sentinels/{sentinelId}/decision';
  const asked = api.POST(address, { params: { path: { customerId, sentinelId } }, body: { boot } });
  return thenAnew(customerId, ask(asked));
}

// What is on screen of sentinels and codes is asked for again, whether or not the change was made.
function thenAnew<T>(customerId: string, asked: Promise<T>): Promise<T> {
  return asked.finally(() => void queryClient.invalidateQueries({ queryKey: ['sentinels', customerId] }));
}

export interface AuditFilter {
  person?: string;
  action?: string;
}

/** Entries of a customer's audit trail, or of the provider's, newest first; a page more each time. */
export const auditQuery = (customerId: string | undefined, filter: AuditFilter, period: Period) =>
  infiniteQueryOptions({
    queryKey: ['audit', customerId ?? '', filter.person ?? '', filter.action ?? '', periodKey(period)],
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }: AuditPage) => next ?? undefined,
    queryFn: ({ pageParam: before, signal }) => {
      const query = { ...bounds(period, Date.now()), ...filter, ...(before === undefined ? {} : { before }) };
      if (customerId === undefined) return ask(api.GET('/audit', { params: { query }, signal }));
      const params = { path: { customerId }, query };
      return ask(api.GET('/customers/{customerId}/audit', { params, signal }));
    },
  });

/** A file of evidence that is text; it never changes. */
export const evidenceTextQuery = (customerId: string, url: string) =>
  queryOptions({
    queryKey: ['evidence', customerId, url],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => {
      const path = { customerId, sha256: url.split('/').at(-1) ?? '' };
      const asked = { params: { path }, parseAs: 'text', signal } as const;
      return ask(api.GET('/customers/{customerId}/evidence/{sha256}', asked));
    },
  });

// Another period of the same thing keeps the old figures on screen until the new ones are there; another thing doesn't.
export function keptFor(...place: readonly string[]) {
  return <T>(previous: T | undefined, query: { queryKey: readonly unknown[] } | undefined): T | undefined =>
    query && place.every((part, i) => query.queryKey[i + 1] === part) ? previous : undefined;
}
