import { count } from '../format.ts';
import { words } from '../messages/messages.ts';
import css from './Spark.module.css';

/** How often over the period: a bar for each part of it, the tallest the most. */
export function Spark({ parts }: { parts: readonly number[] }) {
  const most = Math.max(1, ...parts);
  const bar = (i: number, height: number) => `M${i * 5} ${24 - height}h4v${height}h-4z`;
  const some = parts.map((n, i) => (n === 0 ? '' : bar(i, Math.max(3, (n / most) * 24))));
  const none = parts.map((n, i) => (n === 0 ? bar(i, 1) : ''));
  return (
    <svg
      className={css.spark}
      viewBox={`0 0 ${parts.length * 5 - 1} 24`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words.failuresPage.spark(count(most), parts.indexOf(most) + 1, parts.length)}
    >
      <path className={css.none} d={none.join('')} />
      <path d={some.join('')} />
    </svg>
  );
}
