import { Link } from 'wouter';
import type { RunDetail } from '../api/types.ts';
import { words } from '../messages/messages.ts';
import css from './Retry.module.css';

/** How a run stands to the one that confirms it, or that it confirms, and which of the two counts. */
export function Retry({ run, customerId }: { run: RunDetail; customerId: string }) {
  const other = run.retryOf ?? run.retriedBy;
  if (other === null) return null;
  const said = run.retryOf === null ? words.retried : words.confirming;
  return (
    <p className={`panel ${css.retry}`}>
      {run.counts ? said.counts : said.doesNotCount} <Link href={`/c/${customerId}/runs/${other}`}>{said.other}</Link>
    </p>
  );
}
