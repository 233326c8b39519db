import { memo } from 'react';
import { Link } from 'wouter';
import type { RunRow } from '../api/types.ts';
import { duration } from '../format.ts';
import { because, words } from '../messages/messages.ts';
import { axisEnd, barAt } from '../waterfall.ts';
import { Icon } from './Icon.tsx';
import { Instant } from './Instant.tsx';
import css from './RunTable.module.css';
import { OutcomeMark } from './State.tsx';

interface RunTableProps {
  runs: readonly RunRow[];
  customerId: string;
  colours: ReadonlyMap<string, number>;
}

/** Runs as rows; each opens its run. */
export const RunTable = memo(function RunTable({ runs, customerId, colours }: RunTableProps) {
  const longest = Math.max(...runs.map(axisEnd));
  return (
    <div className="scroll">
      <table className={`table ${css.table}`}>
        <thead>
          <tr>
            <th>{words.started}</th>
            <th>{words.outcome}</th>
            <th className="number">{words.duration}</th>
            <th>{words.transactions}</th>
            <th>{words.whatWentWrong}</th>
            <th>{words.where}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.id} run={run} href={`/c/${customerId}/runs/${run.id}`} longest={longest} colours={colours} />
          ))}
        </tbody>
      </table>
    </div>
  );
});

function Row({
  run,
  href,
  longest,
  colours,
}: {
  run: RunRow;
  href: string;
  longest: number;
  colours: RunTableProps['colours'];
}) {
  return (
    <tr className="opens">
      <td>
        <Link href={href} className={css.open ?? ''}>
          <Instant at={run.startedAt} />
        </Link>
      </td>
      <td className="nowrap">
        <OutcomeMark outcome={run.outcome} />
        <RetryMark run={run} />
      </td>
      <td className="number">{duration(run.durationUs)}</td>
      <td>
        <Lane run={run} longest={longest} colours={colours} />
      </td>
      <td className={css.wrong}>
        <Wrong run={run} />
      </td>
      <td className={css.where} title={run.sentinel}>
        {run.location}
      </td>
    </tr>
  );
}

// A run that another one stands in for, or that stands in for another, is no run like the others: figures count one of the two.
function RetryMark({ run }: { run: RunRow }) {
  if (run.retryOf !== null) return <Mark text={words.confirmingMark} meaning={words.confirmingMeaning} />;
  return run.counts ? null : <Mark text={words.retriedMark} meaning={words.retriedMeaning} />;
}

function Mark({ text, meaning }: { text: string; meaning: string }) {
  return (
    <span className={css.mark} title={meaning}>
      {text}
    </span>
  );
}

// The run in small: its transactions in their colours, to the scale of the longest run on the page.
function Lane({ run, longest, colours }: { run: RunRow; longest: number; colours: RunTableProps['colours'] }) {
  return (
    <div className={css.lane} aria-hidden="true">
      {run.transactions
        .filter((t) => t.outcome !== 'skipped')
        .map((t) => {
          const { left, width } = barAt(t.startUs, t.durationUs, longest);
          const background = t.outcome === 'passed' ? `var(--series-${colours.get(t.name) ?? 0})` : 'var(--bad)';
          return (
            <i
              key={t.name}
              title={`${t.name} ${duration(t.durationUs)}`}
              style={{ left: `${left}%`, width: `${width}%`, background }}
            />
          );
        })}
    </div>
  );
}

function Wrong({ run }: { run: RunRow }) {
  if (run.errorCode === null) return null;
  return (
    <span className={css.sentence}>
      {run.transaction ? `${run.transaction}: ` : ''}
      {because(run.errorCode, run.message ?? '')} <code>{run.errorCode}</code>
      {run.screenshot && (
        <span className={css.shot} title={words.hasScreenshot}>
          <Icon name="image" size={14} />
          <span className="hidden">, {words.hasScreenshot}</span>
        </span>
      )}
    </span>
  );
}
