import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { locationsQuery } from '../api/queries.ts';
import type { LocationFigures } from '../api/types.ts';
import { count, duration, share } from '../format.ts';
import { words } from '../messages/messages.ts';
import type { Period } from '../period.ts';
import { Bar, Loaded } from './Loaded.tsx';
import css from './Locations.module.css';
import { Notice } from './Notice.tsx';

interface LocationsProps {
  customerId: string;
  monitorId: string;
  /** Null: whole runs. */
  transaction: string | null;
  period: Period;
}

/** Locations compared, the slowest first. */
export const Locations = memo(function Locations({ customerId, monitorId, transaction, period }: LocationsProps) {
  const query = useQuery(locationsQuery(customerId, monitorId, period, transaction));
  return (
    <section className="panel below" aria-labelledby="locations">
      <header className="panel-head">
        <h2 id="locations">{words.locations.title}</h2>
        <p className="muted small">{words.locations.how}</p>
      </header>
      <Loaded query={query} skeleton={<Bar width="100%" height={120} />}>
        {({ locations }) =>
          locations.length === 0 ? (
            <Notice title={words.noRunsInPeriod} next={words.noRunsInPeriodNext} />
          ) : (
            <Table locations={locations} />
          )
        }
      </Loaded>
    </section>
  );
});

const Table = memo(function Table({ locations }: { locations: readonly LocationFigures[] }) {
  const slowestFirst = locations.toSorted((a, b) => (b.p95Us ?? 0) - (a.p95Us ?? 0));
  const longest = Math.max(1, ...locations.map(({ p95Us }) => p95Us ?? 0));
  return (
    <div className="scroll">
      <table className={`table ${css.table}`}>
        <thead>
          <tr>
            <th>{words.location}</th>
            <th className="number">{words.availability}</th>
            <th className="number">{words.median}</th>
            <th className="number">{words.p95Short}</th>
            <th className={css.wide}>
              <span className="hidden">{words.locations.drawing}</span>
            </th>
            <th className="number">{words.runs}</th>
          </tr>
        </thead>
        <tbody>
          {slowestFirst.map((location) => (
            <tr key={location.id}>
              <th scope="row">
                <span className={css.name} title={location.name}>
                  {location.name}
                </span>
              </th>
              <td className={`number ${location.failed > 0 ? css.failed : ''}`}>{share(location.availability)}</td>
              <td className="number">{duration(location.p50Us)}</td>
              <td className={`number ${css.strong}`}>{duration(location.p95Us)}</td>
              <td className={css.wide}>
                <Range location={location} longest={longest} />
              </td>
              <td className="number faint">{count(location.passed + location.failed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
});

// From nothing to the median full, from there to the 95th percentile pale: all on one scale.
function Range({ location: { p50Us, p95Us }, longest }: { location: LocationFigures; longest: number }) {
  const width = (us: number | null) => `${((us ?? 0) / longest) * 100}%`;
  return (
    <span className={`drawn ${css.range}`} aria-hidden="true">
      <i className={css.p95} style={{ width: width(p95Us) }} />
      <i className={css.median} style={{ width: width(p50Us) }} />
    </span>
  );
}
