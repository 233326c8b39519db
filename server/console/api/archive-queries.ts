import { queryOptions } from '@tanstack/react-query';
import { api, ask } from './client.ts';
import { queryClient } from './queries.ts';
import type { Archive, ArchiveKeyWish, ArchiveSettings } from './types.ts';

/** While a month is on its way back, people look when it is there. */
const [often, seldom] = [3000, 30_000];

export const archiveQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['archive', customerId],
    queryFn: ({ signal }): Promise<Archive> =>
      ask(api.GET('/customers/{customerId}/archive', { params: { path: { customerId } }, signal })),
    refetchInterval: ({ state: { data } }) =>
      data?.months.some(({ restore }) => restore?.state === 'asked') ? often : seldom,
  });

export const restoredQuery = (customerId: string, month: string) =>
  queryOptions({
    queryKey: ['restored', customerId, month],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/archive/restored/{month}', {
          params: { path: { customerId, month } },
          signal,
        }),
      ),
  });

export const restoredRunsQuery = (customerId: string, month: string, monitorId: string, before?: string) =>
  queryOptions({
    queryKey: ['restored-runs', customerId, month, monitorId, before ?? ''],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/archive/restored/{month}/monitors/{monitorId}/runs', {
          params: {
            path: { customerId, month, monitorId },
            query: { limit: 25, ...(before !== undefined && { before }) },
          },
          signal,
        }),
      ),
  });

export function setArchiveSettings(customerId: string, body: ArchiveSettings): Promise<unknown> {
  const params = { path: { customerId } };
  return changed(customerId, ask(api.PUT('/customers/{customerId}/archive/settings', { params, body })));
}

export function addArchiveKey(customerId: string, body: ArchiveKeyWish): Promise<{ recipient: string }> {
  const params = { path: { customerId } };
  return changed(customerId, ask(api.POST('/customers/{customerId}/archive/keys', { params, body })));
}

export function showIdentity(customerId: string, recipient: string): Promise<{ identity: string }> {
  const params = { path: { customerId, recipient } };
  return ask(api.POST('/customers/{customerId}/archive/keys/{recipient}/identity', { params }));
}

export function keepIdentity(customerId: string, recipient: string, keepCopy: boolean): Promise<unknown> {
  const params = { path: { customerId, recipient } };
  const asked = api.POST('/customers/{customerId}/archive/keys/{recipient}/keeping', { params, body: { keepCopy } });
  return changed(customerId, ask(asked));
}

export function retireKey(customerId: string, recipient: string): Promise<unknown> {
  const params = { path: { customerId, recipient } };
  return changed(customerId, ask(api.DELETE('/customers/{customerId}/archive/keys/{recipient}', { params })));
}

export interface Wish {
  days: number;
  identity?: string;
}

export function wishMonth(customerId: string, month: string, body: Wish): Promise<unknown> {
  const params = { path: { customerId, month } };
  return changed(customerId, ask(api.PUT('/customers/{customerId}/archive/restored/{month}', { params, body })));
}

export function giveBack(customerId: string, month: string): Promise<unknown> {
  const params = { path: { customerId, month } };
  return changed(customerId, ask(api.DELETE('/customers/{customerId}/archive/restored/{month}', { params })));
}

function changed<T>(customerId: string, asked: Promise<T>): Promise<T> {
  return asked.finally(() => void queryClient.invalidateQueries({ queryKey: ['archive', customerId] }));
}
