import { Link } from 'wouter';
import type { RunDetail } from '../../api/types.ts';
import { utcMonth } from '../../archive-words.ts';
import { instant } from '../../format.ts';
import { messages } from '../../messages/messages.ts';
import { zone } from '../Instant.tsx';
import css from './ArchiveHint.module.css';

const words = messages.archive;

/** Says of a run that it came back from the archive, and for how long. */
export function RestoredRun({ run: { restored }, customerId }: { run: RunDetail; customerId: string }) {
  if (!restored) return null;
  const until = instant(restored.until, zone, Date.now(), 'minutes');
  return (
    <p role="note" className={`panel ${css.hint}`}>
      {words.runRestored(utcMonth(restored.month), until)}{' '}
      <Link href={`/c/${customerId}/archive/${restored.month}`}>{words.openRuns}</Link>
    </p>
  );
}
