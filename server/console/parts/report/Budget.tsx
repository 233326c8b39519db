import type { ServiceRow } from '../../api/types.ts';
import { count } from '../../format.ts';
import { messages } from '../../messages/messages.ts';
import { budget } from '../../report-cells.ts';
import css from './Budget.module.css';

const words = messages.reports;

/** How much of what may fail is left: a bar that empties, the share, and the failures it is made of. */
export function Budget({ row }: { row: ServiceRow }) {
  const { budgetLeft, failuresAllowed, failed } = row;
  if (failuresAllowed === null) return null;
  const used = words.budgetUsed(count(failed), count(failuresAllowed));
  if (budgetLeft === null) return <span className={css.used}>{used}</span>;
  const left = Math.max(0, budgetLeft);
  return (
    <span className={css.budget}>
      <svg className={css.bar} viewBox="0 0 40 6" aria-hidden="true">
        <rect width="40" height="6" rx="3" className={css.whole} />
        <rect width={40 * left} height="6" rx="3" className={left < 0.25 ? css.little : css.left} />
      </svg>
      <span className={budgetLeft < 0 ? css.spent : undefined}>{budget(budgetLeft)}</span>
      <span className={css.used}>{used}</span>
    </span>
  );
}
