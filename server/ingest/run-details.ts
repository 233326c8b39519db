import type { PageLoad, Run } from '../../sentinel/protocol/messages.ts';

/** What is kept of a run for its own page. */
export interface RunDetails extends Pick<Run, 'page' | 'host' | 'usage' | 'deniedHosts' | 'answersRequest'> {
  /** By the transaction's position in the run, as far as the last that has any. Numbers as keys would be written slowly. */
  pageLoads?: PageLoad[][] | undefined;
}

/** As JSON; null if the run told of nothing that goes there. */
export function detailsOf({ page, host, usage, deniedHosts, answersRequest, transactions }: Run): string | null {
  const last = transactions.findLastIndex(({ pageLoads = [] }) => pageLoads.length > 0);
  const pageLoads = last < 0 ? undefined : transactions.slice(0, last + 1).map(({ pageLoads = [] }) => pageLoads);
  const denied = deniedHosts && deniedHosts.length > 0 ? deniedHosts : undefined;
  const kept = { page, host, usage, deniedHosts: denied, answersRequest, pageLoads } satisfies RunDetails;
  const json = JSON.stringify(kept);
  return json === '{}' ? null : json;
}
