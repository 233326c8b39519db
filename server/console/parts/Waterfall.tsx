import type { RunDetail } from '../api/types.ts';
import { axisDuration, duration } from '../format.ts';
import { because, outcomeWords, reasonWords, words } from '../messages/messages.ts';
import { axisEnd, barAt, ticks } from '../waterfall.ts';
import { Shape } from './State.tsx';
import { Swatch } from './Swatch.tsx';
import css from './Waterfall.module.css';

type Transaction = RunDetail['transactions'][number];

/** The transactions of a run against its time: when each began, how long the script and how long the application took. */
export function Waterfall({ run, colours }: { run: RunDetail; colours: ReadonlyMap<string, number> }) {
  const top = axisEnd(run);
  const marks = ticks(top, 5);
  return (
    <div className="scroll">
      <table className={`table ${css.table}`}>
        <thead>
          <tr>
            <th>{words.transaction}</th>
            <th className={css.track}>
              <span className="hidden">{words.time}</span>
              <div className={css.axis} aria-hidden="true">
                {marks.map((tick) => (
                  <span key={tick} style={{ left: `${(tick / top) * 100}%` }}>
                    {axisDuration(tick, top)}
                  </span>
                ))}
              </div>
            </th>
            <th className="number" title={words.responseTimeMeaning}>
              {words.responseTime}
            </th>
            <th className="number" title={words.durationMeaning}>
              {words.duration}
            </th>
          </tr>
        </thead>
        <tbody>
          {run.transactions.map((transaction) => (
            <Row
              key={transaction.name}
              transaction={transaction}
              top={top}
              marks={marks}
              number={colours.get(transaction.name) ?? 0}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(props: { transaction: Transaction; top: number; marks: readonly number[]; number: number }) {
  const { transaction, top, marks, number } = props;
  const ran = transaction.outcome !== 'skipped';
  return (
    <tr>
      <th scope="row" className={css.name}>
        <span className={css.label}>
          <Swatch number={number} off={!ran} />
          <span>
            {transaction.name}
            <Wrong transaction={transaction} />
          </span>
        </span>
      </th>
      <td className={css.track}>
        <div className={css.lane} aria-hidden="true">
          {marks.map((tick) => (
            <i key={tick} style={{ left: `${(tick / top) * 100}%` }} />
          ))}
          {ran && <Bars transaction={transaction} top={top} number={number} />}
        </div>
      </td>
      <td className={`number ${css.figure}`}>{duration(transaction.responseUs)}</td>
      <td className="number">{ran ? duration(transaction.durationUs) : duration(null)}</td>
    </tr>
  );
}

// The pale bar is the script's time; the full one within it is as long as the response time; lines below are page loads.
function Bars({ transaction, top, number }: { transaction: Transaction; top: number; number: number }) {
  const whole = barAt(transaction.startUs, transaction.durationUs, top);
  const response =
    transaction.responseUs === null ? undefined : barAt(transaction.startUs, transaction.responseUs, top);
  const colour = `var(--series-${number})`;
  return (
    <>
      <b className={css.bar} data-outcome={transaction.outcome} style={{ ...percent(whole), color: colour }} />
      {response && <b className={css.response} style={{ ...percent(response), color: colour }} />}
      {transaction.pageLoads.map(({ startUs, loadUs, domReadyUs, firstByteUs }) => (
        <u
          key={startUs}
          className={css.load}
          style={percent(barAt(startUs, loadUs ?? domReadyUs ?? firstByteUs ?? 0, top))}
        />
      ))}
      {transaction.outcome !== 'passed' && (
        <span className={css.end} style={{ left: `${whole.left + whole.width}%` }}>
          <Shape kind={transaction.outcome} />
        </span>
      )}
    </>
  );
}

function Wrong({ transaction }: { transaction: Transaction }) {
  if (transaction.outcome === 'skipped') {
    return (
      <span className={css.why}>
        {reasonWords[transaction.reason ?? ''] ?? transaction.reason ?? outcomeWords.skipped}
      </span>
    );
  }
  if (!transaction.error) return null;
  return (
    <span className={css.why} data-outcome={transaction.outcome}>
      {outcomeWords[transaction.outcome]}: {because(transaction.error.code, transaction.error.message)}
    </span>
  );
}

function percent({ left, width }: { left: number; width: number }) {
  return { left: `${left}%`, width: `${width}%` };
}
