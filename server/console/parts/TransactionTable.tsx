import { memo } from 'react';
import type { Monitor } from '../api/types.ts';
import { count, duration, share } from '../format.ts';
import { outcomeWords, words } from '../messages/messages.ts';
import { Swatch } from './Swatch.tsx';
import css from './TransactionTable.module.css';

/** Every transaction of a monitor over the whole period. */
export const TransactionTable = memo(function TransactionTable(props: {
  monitor: Monitor;
  colours: ReadonlyMap<string, number>;
}) {
  const { monitor, colours } = props;
  return (
    <section className="panel below" aria-labelledby="transactions">
      <header className="panel-head">
        <h2 id="transactions">{words.transactions}</h2>
      </header>
      <div className="scroll">
        <table className={`table ${css.table}`}>
          <thead>
            <tr>
              <th>{words.transaction}</th>
              <th className="number">{words.availability}</th>
              <th className="number">{words.median}</th>
              <th className="number" title={words.p95}>
                {words.p95Short}
              </th>
              <th className="number">{words.last}</th>
              <th className="number">{outcomeWords.passed}</th>
              <th className="number">{outcomeWords.failed}</th>
              <th className="number">{outcomeWords.errored}</th>
              <th className="number">{outcomeWords.skipped}</th>
            </tr>
          </thead>
          <tbody>
            {monitor.transactions.map((transaction) => (
              <Row key={transaction.name} transaction={transaction} number={colours.get(transaction.name) ?? 0} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
});

function Row({ transaction, number }: { transaction: Monitor['transactions'][number]; number: number }) {
  return (
    <tr>
      <th scope="row">
        <span className={css.name}>
          <Swatch number={number} />
          <span>{transaction.name}</span>
        </span>
      </th>
      <td className={`number ${css.strong}`}>{share(transaction.availability)}</td>
      <td className={`number ${css.strong}`}>{duration(transaction.p50Us)}</td>
      <td className="number">{duration(transaction.p95Us)}</td>
      <td className="number">{transaction.lastErrorCode ?? duration(transaction.lastResponseUs)}</td>
      {(['passed', 'failed', 'errored', 'skipped'] as const).map((outcome) => (
        <td key={outcome} className={`number ${transaction[outcome] === 0 ? 'faint' : (css[outcome] ?? '')}`}>
          {count(transaction[outcome])}
        </td>
      ))}
    </tr>
  );
}
