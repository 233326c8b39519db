import type { RunDetail } from '../api/types.ts';
import { bytes, count, duration } from '../format.ts';
import { words } from '../messages/messages.ts';
import css from './PageLoads.module.css';

type Load = RunDetail['transactions'][number]['pageLoads'][number];

/** In the order they pass. */
const times = ['dnsUs', 'connectUs', 'tlsUs', 'firstByteUs', 'domReadyUs', 'largestPaintUs', 'loadUs'] as const;

/** The documents that each transaction loaded, with the times of each on the browser's clock; nothing if there were none. */
export function PageLoads({ run }: { run: RunDetail }) {
  const rows = run.transactions.flatMap(({ name, pageLoads }) => pageLoads.map((load) => ({ name, load })));
  if (rows.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="page-loads">
      <header className="panel-head">
        <h2 id="page-loads">{words.pageLoads}</h2>
        <p className="muted small">{words.pageLoadsHow}</p>
      </header>
      <div className="scroll">
        <table className={`table ${css.table}`}>
          <thead>
            <tr>
              <th>{words.transaction}</th>
              <th>{words.address}</th>
              {times.map((time) => (
                <th key={time} className="number" title={words.loadTimes[time].meaning}>
                  {words.loadTimes[time].short}
                </th>
              ))}
              <th className="number">{words.requests}</th>
              <th className="number">{words.transferred}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, load }) => (
              <Row key={`${name} ${load.startUs}`} name={name} load={load} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ name, load }: { name: string; load: Load }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className={css.address}>{load.url}</td>
      {times.map((time) => (
        <td key={time} className="number">
          {duration(load[time])}
        </td>
      ))}
      <td className="number">{count(load.requests)}</td>
      <td className="number">{bytes(load.bytes)}</td>
    </tr>
  );
}
