import { queryOptions } from '@tanstack/react-query';
import type { ReportWish } from '../report-address.ts';
import { api, ask } from './client.ts';
import { keptFor, queryClient } from './queries.ts';
import type { TargetSubject } from './types.ts';

const address = '/customers/{customerId}/service-report';

/** A report of a time that is over never changes but by what comes late, and nobody reads along. */
export const serviceReportQuery = (customerId: string, wish: ReportWish) =>
  queryOptions({
    queryKey: ['service-report', customerId, wish],
    staleTime: 60_000,
    placeholderData: keptFor(customerId),
    queryFn: ({ signal }) => ask(api.GET(address, { params: { path: { customerId }, query: queryOf(wish) }, signal })),
  });

export type ExportFormat = 'pdf' | 'xlsx' | 'csv' | 'json';

/** The report as a file with the name that the server gave it. */
export async function exportReport(customerId: string, wish: ReportWish, format: ExportFormat) {
  let name = `report.${format}`;
  const asked = api.GET(`${address}/export`, {
    params: { path: { customerId }, query: { ...queryOf(wish), format } },
    parseAs: 'blob',
  });
  const content = await ask(
    asked.then((answer) => {
      name = nameIn(answer.response.headers.get('content-disposition') ?? '') ?? name;
      return answer;
    }),
  );
  return { name, content: content as unknown as Blob };
}

function nameIn(disposition: string): string | undefined {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition) ?? [];
  const [, plain] = /filename="([^"]+)"/.exec(disposition) ?? [];
  return encoded === undefined ? plain : decodeURIComponent(encoded);
}

function queryOf({ template, period, monitors, hours, maintenance }: ReportWish) {
  return {
    ...{ template, hours, maintenance },
    ...(period !== undefined && { period }),
    ...(monitors.length > 0 && { monitor: [...monitors] }),
  };
}

export const targetsQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['targets', customerId],
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/targets', { params: { path: { customerId } }, signal })),
  });

type Target = NonNullable<TargetSubject['target']>;

/** What a transaction, or whole runs, are measured against; nothing agreed on takes it away. */
export function setTarget(
  customerId: string,
  monitorId: string,
  body: { transaction: string | null } & Pick<Target, 'hours' | 'availability' | 'p95Us'>,
): Promise<unknown> {
  const path = '/customers/{customerId}/monitors/{monitorId}/target';
  return thenAnew(customerId, ask(api.PUT(path, { params: { path: { customerId, monitorId } }, body })));
}

/** The picture that heads reports; null takes it away. */
export function setLogo(customerId: string, picture: File | null): Promise<unknown> {
  const path = '/customers/{customerId}/report-logo';
  const params = { path: { customerId } };
  if (picture === null) return thenAnew(customerId, ask(api.DELETE(path, { params })));
  const headers = { 'content-type': picture.type };
  const asked = api.PUT(path, { params, body: picture as never, bodySerializer: () => picture, headers });
  return thenAnew(customerId, ask(asked));
}

function thenAnew<T>(customerId: string, asked: Promise<T>): Promise<T> {
  return asked.finally(() => {
    for (const name of ['targets', 'service-report']) {
      void queryClient.invalidateQueries({ queryKey: [name, customerId] });
    }
  });
}
