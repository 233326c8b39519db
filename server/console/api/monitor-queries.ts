import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, ask } from './client.ts';
import { queryClient } from './queries.ts';
import type { Maintenance, MaintenanceWish, MonitorWish, ScheduleWish } from './types.ts';

/** Asked once: what somebody fills in is not to change under their hands. */
export const settingsQuery = (customerId: string, monitorId: string) =>
  queryOptions({
    queryKey: ['monitor-settings', customerId, monitorId],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: ({ signal }) => {
      const path = { customerId, monitorId };
      return ask(api.GET('/customers/{customerId}/monitors/{monitorId}/settings', { params: { path }, signal }));
    },
  });

/** When runs of a schedule would be due. */
export const scheduleQuery = (customerId: string, schedule: ScheduleWish) =>
  queryOptions({
    queryKey: ['schedule', customerId, schedule],
    staleTime: 30_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/schedule', { params: { path: { customerId }, query: schedule }, signal })),
  });

/** The id of the new one. */
export async function addMonitor(customerId: string, body: MonitorWish): Promise<string> {
  const asked = api.POST('/customers/{customerId}/monitors', { params: { path: { customerId } }, body });
  return (await thenAnew(customerId, ask(asked))).id;
}

export async function saveMonitor(customerId: string, monitorId: string, body: MonitorWish): Promise<void> {
  const address = '/customers/{customerId}/monitors/{monitorId}/settings';
  await thenAnew(customerId, ask(api.PUT(address, { params: { path: { customerId, monitorId } }, body })));
}

/** Asks its sentinels to run a monitor once, now. */
export async function runNow(customerId: string, monitorId: string): Promise<void> {
  const address = '/customers/{customerId}/monitors/{monitorId}/run-now';
  await ask(api.POST(address, { params: { path: { customerId, monitorId } } }));
}

/** Has nobody run a monitor, or those again that did. */
export async function pauseMonitor(customerId: string, monitorId: string, paused: boolean): Promise<void> {
  const address = '/customers/{customerId}/monitors/{monitorId}/paused';
  await thenAnew(customerId, ask(api.PUT(address, { params: { path: { customerId, monitorId } }, body: { paused } })));
}

export const maintenanceQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['maintenance', customerId],
    refetchInterval: 60_000,
    queryFn: ({ signal }) =>
      ask(
        api.GET('/customers/{customerId}/maintenance', {
          params: { path: { customerId }, query: { limit: 100 } },
          signal,
        }),
      ),
  });

export async function addMaintenance(customerId: string, body: MaintenanceWish): Promise<void> {
  const asked = api.POST('/customers/{customerId}/maintenance', { params: { path: { customerId } }, body });
  await thenAnew(customerId, ask(asked));
}

export async function removeMaintenance(customerId: string, { id }: Maintenance): Promise<void> {
  const address = '/customers/{customerId}/maintenance/{maintenanceId}';
  await thenAnew(customerId, ask(api.DELETE(address, { params: { path: { customerId, maintenanceId: id } } })));
}

// Whatever is shown of monitors is asked for again, whether or not the change was made.
function thenAnew<T>(customerId: string, asked: Promise<T>): Promise<T> {
  return asked.finally(
    () => void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes(customerId) }),
  );
}
