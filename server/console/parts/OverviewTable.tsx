import { memo } from 'react';
import { Link } from 'wouter';
import type { Overview } from '../api/types.ts';
import { duration, instant, share } from '../format.ts';
import { stateWords, troubleSentence, words } from '../messages/messages.ts';
import { mergedStrip, type Row, type Section, standOf } from '../overview.ts';
import { Change } from './Change.tsx';
import { HourStrip } from './HourStrip.tsx';
import { zone } from './Instant.tsx';
import css from './OverviewTable.module.css';
import { Shape } from './State.tsx';

const hourMs = 3_600_000;

interface TableProps {
  sections: readonly Section[];
  overview: Overview;
  customerId: string;
}

/** Monitors as lines, locations as columns; on a phone each line is a block with all its locations in one strip. */
export function OverviewTable({ sections, overview, customerId }: TableProps) {
  const { locations, hours } = overview;
  const columns = sections.some(({ rows }) => rows.some((row) => row.place)) ? [] : locations;
  return (
    <div className={`scroll ${css.scroll}`}>
      <table className={`table ${css.table}`} data-columns={Math.min(columns.length, 2)}>
        <thead>
          <tr>
            <th className={css.name}>{words.overviewPage.monitor}</th>
            <th className="number">{words.availability}</th>
            <th className="number" title={words.overviewPage.p95Meaning}>
              {words.p95Short}
            </th>
            <th className="number" title={words.overviewPage.changeMeaning}>
              {words.overviewPage.change}
            </th>
            <th className="number" title={words.coverageRule}>
              {words.coverage}
            </th>
            {columns.length > 1 ? (
              columns.map(({ id, name }) => (
                <th key={id} className={css.place} title={name}>
                  <span>{name}</span>
                </th>
              ))
            ) : (
              <th className={css.place}>
                <span>{columns[0]?.name ?? words.overviewPage.hours}</span>
              </th>
            )}
            <th className={css.merged}>{words.overviewPage.allLocations}</th>
          </tr>
        </thead>
        {sections.map(({ title, rows }) => (
          <tbody key={title ?? ''}>
            {title !== null && (
              <tr className={css.section}>
                <th colSpan={6 + Math.max(columns.length, 1)} scope="rowgroup">
                  <span>{title}</span>
                </th>
              </tr>
            )}
            {rows.map(({ key, ...row }) => (
              <Line key={key} {...row} columns={columns} hours={hours} customerId={customerId} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

interface LineProps extends Pick<Row, 'monitor' | 'place'> {
  columns: Overview['locations'];
  hours: readonly number[];
  customerId: string;
}

const Line = memo(function Line({ monitor, place, columns, hours, customerId }: LineProps) {
  const stand = standOf({ monitor, place });
  const href = `/c/${customerId}/monitors/${monitor.id}`;
  const strip = { starts: hours, stepMs: hourMs, href };
  return (
    <tr data-state={stand.state}>
      <th scope="row" className={css.name}>
        <span className={css.line}>
          <span className={css.state} data-state={stand.state}>
            <Shape kind={stand.state} size={10} />
            {stateWords[stand.state]}
          </span>
          <span className={css.what}>
            <Link href={href} title={monitor.name}>
              {monitor.name}
            </Link>
            {stand.state === monitor.state && <Why monitor={monitor} />}
          </span>
        </span>
      </th>
      <td className={`number ${css.strong}`} data-label={words.availability}>
        {share(stand.availability)}
      </td>
      <td className={`number ${css.strong}`} data-label={words.p95Short}>
        {duration(stand.p95Us)}
      </td>
      <td className="number" data-label={words.overviewPage.change}>
        <Change now={stand.p95Us} before={stand.p95BeforeUs} />
      </td>
      <td className={`number ${stand.coverage === 1 ? 'faint' : ''}`} data-label={words.coverage}>
        {share(stand.coverage)}
      </td>
      {columns.length > 1 ? (
        columns.map(({ id, name }) => {
          const there = monitor.places.find(({ locationId }) => locationId === id);
          return (
            <td key={id} className={css.place}>
              {there ? (
                <HourStrip {...strip} strip={there.strip} name={name} />
              ) : (
                <span className="hidden">{words.overviewPage.notThere}</span>
              )}
            </td>
          );
        })
      ) : (
        <td className={css.place}>
          <HourStrip {...strip} strip={place?.strip ?? mergedStrip(monitor.places)} name={monitor.name} />
        </td>
      )}
      <td className={css.merged}>
        <HourStrip {...strip} strip={place?.strip ?? mergedStrip(monitor.places)} name={monitor.name} />
      </td>
    </tr>
  );
});

/** Since when it is as it is; of a failing one what is wrong. */
function Why({ monitor: { state, since, trouble } }: Pick<Row, 'monitor'>) {
  const when = (at: number) => instant(at, zone, Date.now(), 'minutes');
  if (trouble) {
    const sentence = troubleSentence({ ...trouble, since: when(trouble.since) });
    return (
      <span className={css.why} title={`${sentence} ${trouble.errorCode ?? ''}`}>
        {sentence}
      </span>
    );
  }
  return state === 'noData' && since !== null ? <span className={css.why}>{words.since(when(since))}</span> : null;
}
