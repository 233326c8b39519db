import { Link } from 'wouter';
import { utcDay } from '../../archive-words.ts';
import { messages } from '../../messages/messages.ts';
import css from './ArchiveHint.module.css';

const words = messages.archive;

interface ArchiveHintProps {
  customerId: string;
  /** Single runs of before are in the archive (ms). */
  until: number;
  /** The month that is looked at, at most the last one that is there (ms). */
  at: number;
  /** Hours were asked for, and days are shown. */
  isByDay?: boolean;
}

/** Where what is not shown is, and what to do to see it. */
export function ArchiveHint({ customerId, until, at, isByDay = false }: ArchiveHintProps) {
  const month = new Date(Math.min(at, until - 1)).toISOString().slice(0, 7);
  return (
    <p role="note" className={css.hint}>
      {words.hint(utcDay(until))} {isByDay && words.hintDays}{' '}
      <Link href={`/c/${customerId}/archive?month=${month}`}>{words.hintAction}</Link>
    </p>
  );
}
