import type { RunDetailsRow } from '../../db/customer/rows.ts';
import type { PageLoad, Run } from '../../sentinel/protocol/messages.ts';
import type { ReadRun } from './read-run.ts';

/** What is kept of a run for its own page. */
export interface RunDetails extends Pick<Run, 'page' | 'host' | 'usage' | 'deniedHosts' | 'answersRequest'> {
  /** By the transaction's position in the run, as far as the last that has any. Numbers as keys would be written slowly. */
  pageLoads?: PageLoad[][] | undefined;
}

/** The run's row of details; none if it told of nothing that goes there. */
export function detailsRows({ run, key }: ReadRun): RunDetailsRow[] {
  const { page, host, usage, deniedHosts, answersRequest, transactions } = run;
  const last = transactions.findLastIndex(({ pageLoads = [] }) => pageLoads.length > 0);
  const pageLoads = last < 0 ? undefined : transactions.slice(0, last + 1).map(({ pageLoads = [] }) => pageLoads);
  const denied = deniedHosts && deniedHosts.length > 0 ? deniedHosts : undefined;
  const kept = { page, host, usage, deniedHosts: denied, answersRequest, pageLoads } satisfies RunDetails;
  const facts = JSON.stringify(kept);
  return facts === '{}' ? [] : [{ run_id: key, facts }];
}
