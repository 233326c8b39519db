import type { ServiceReport, ServiceTable } from '../../api/types.ts';
import { axisDuration, count, share, weekdayDate } from '../../format.ts';
import { messages } from '../../messages/messages.ts';
import { type DayKind, kindOf, linesOf, topUs } from '../../report-days.ts';
import css from './ReportDays.module.css';

const words = messages.reports;
const [cell, lineHeight, barHeight] = [12, 40, 18];
const heights: Record<DayKind, number> = { none: 0, whole: 5, some: 12, many: 18 };
/** About so many dates are written below. */
const mostLabels = 11;

/** Day by day: the 95th percentile of whole runs as a line, below it how much of each day failed. */
export function ReportDays({ table, report }: { table: ServiceTable; report: ServiceReport }) {
  const { rows } = table;
  const width = rows.length * cell;
  const isWeeks = rows.some(({ from, to }) => to - from > 26 * 3_600_000);
  const told = (isWeeks ? words.weeksOf : words.daysOf)(table.of ?? '');
  const every = Math.ceil(rows.length / mostLabels);
  const dated = (at: number) => weekdayDate(at, report.timeZone);
  return (
    <figure className={css.days}>
      <figcaption className={css.caption}>{isWeeks ? words.weekly : words.daily}</figcaption>
      <span className={css.top} aria-hidden="true">
        {axisDuration(topUs(rows), topUs(rows))}
      </span>
      <svg
        className={css.drawing}
        viewBox={`0 0 ${width} ${lineHeight + barHeight + 6}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={told}
      >
        <path d={`M0 0H${width}M0 ${lineHeight / 2}H${width}M0 ${lineHeight}H${width}`} className={css.grid} />
        {linesOf(rows, cell, lineHeight).map((points) => (
          <polyline key={points} points={points} className={css.line} />
        ))}
        {rows.map((row, i) => {
          const kind = kindOf(row);
          const height = heights[kind];
          const y = lineHeight + 6 + barHeight - height;
          const title =
            kind === 'none'
              ? words.dayEmpty(dated(row.from))
              : words.dayTold(dated(row.from), share(row.availability), count(row.failed), share(row.coverage));
          return (
            <g key={row.from} className={css[kind]}>
              <title>{title}</title>
              <rect x={i * cell} y={lineHeight + 6} width={cell} height={barHeight} fill="transparent" stroke="none" />
              {kind === 'none' ? (
                <path d={`M${i * cell + 1.5} ${lineHeight + 6 + barHeight - 0.5}h${cell - 3}`} className={css.gap} />
              ) : (
                <rect x={i * cell + 1} y={y} width={cell - 2} height={height} />
              )}
            </g>
          );
        })}
      </svg>
      <ol
        className={css.labels}
        style={{ gridTemplateColumns: `repeat(${rows.length}, minmax(0, 1fr))` }}
        aria-hidden="true"
      >
        {rows.map((row, i) =>
          i % every === 0 && i < rows.length - 1 ? (
            <li key={row.from} style={{ gridColumnStart: i + 1 }}>
              {dated(row.from).replace(/^\w+ /, '')}
            </li>
          ) : null,
        )}
      </ol>
    </figure>
  );
}

/** What the bars mean. */
export function DaysLegend() {
  return (
    <ul className={css.legend}>
      {(['whole', 'some', 'many', 'none'] as const).map((kind) => (
        <li key={kind} className={css[kind]}>
          <svg width="10" height="18" viewBox="0 0 10 18" aria-hidden="true">
            {kind === 'none' ? (
              <path d="M0.5 17.5h9" className={css.gap} />
            ) : (
              <rect y={18 - heights[kind]} width="10" height={heights[kind]} />
            )}
          </svg>
          {words.legend[kind]}
        </li>
      ))}
    </ul>
  );
}
