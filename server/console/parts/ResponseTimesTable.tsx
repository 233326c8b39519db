import { memo, useState } from 'react';
import type { ResponseTimes } from '../api/types.ts';
import { count, duration, instant } from '../format.ts';
import { outcomeWords, words } from '../messages/messages.ts';
import type { Step } from '../period.ts';
import { Instant, zone } from './Instant.tsx';
import css from './ResponseTimesTable.module.css';
import { Swatch } from './Swatch.tsx';

type Transaction = ResponseTimes['transactions'][number];

const firstRows = 100;

/** The chart's figures as a table, newest first. */
export const ResponseTimesTable = memo(function ResponseTimesTable(props: {
  transactions: readonly Transaction[];
  colours: ReadonlyMap<string, number>;
  step: Step;
}) {
  const { transactions, colours, step } = props;
  const [all, setAll] = useState(false);
  const instants = [...new Set(transactions.flatMap((t) => t.points.map((p) => p.at)))].sort((a, b) => b - a);
  const points = transactions.map((t) => new Map(t.points.map((p) => [p.at, p])));
  const shown = all ? instants : instants.slice(0, firstRows);
  return (
    <>
      <div className="scroll">
        <table className={`table ${css.table}`}>
          <thead>
            <tr>
              <th rowSpan={2}>{words.time}</th>
              {transactions.map((t) => (
                <th key={t.name} colSpan={3} scope="colgroup" className={css.group}>
                  <span>
                    <Swatch number={colours.get(t.name) ?? 0} />
                    {t.name}
                  </span>
                </th>
              ))}
            </tr>
            <tr>
              {transactions.map((t) => (
                <Columns key={t.name} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((at) => (
              <tr key={at}>
                <th scope="row">
                  {step === 'day' ? instant(at, zone, Date.now(), 'minutes') : <Instant at={at} precision="minutes" />}
                </th>
                {points.map((byInstant, i) => (
                  <Cells key={transactions[i]?.name} point={byInstant.get(at)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {instants.length > shown.length && (
        <button type="button" className={css.more} onClick={() => setAll(true)}>
          {words.showAllRows(count(instants.length))}
        </button>
      )}
    </>
  );
});

function Columns() {
  return (
    <>
      <th className={`number ${css.first}`}>{words.median}</th>
      <th className="number">{words.p95Short}</th>
      <th className="number">{outcomeWords.failed}</th>
    </>
  );
}

function Cells({ point }: { point: Transaction['points'][number] | undefined }) {
  return (
    <>
      <td className={`number ${css.first}`}>{duration(point?.p50Us)}</td>
      <td className="number muted">{duration(point?.p95Us)}</td>
      <td className={`number ${point?.failed ? css.failed : 'faint'}`}>
        {point ? count(point.failed) : duration(null)}
      </td>
    </>
  );
}
