import type uPlot from 'uplot';
import { duration, instant } from '../format.ts';
import type { Lines } from '../series.ts';
import { words } from '../words.ts';
import css from './ChartReading.module.css';
import type { Failure } from './chart-options.ts';
import { zone } from './Instant.tsx';
import { Shape } from './State.tsx';
import { Swatch } from './Swatch.tsx';

/** What lies under the chart's cursor. */
export interface Reading {
  left: number;
  at: number;
  values: { name: string; p50Us: number | null; p95Us: number | null }[];
  failures: readonly Failure[];
}

/** Reads the chart at its cursor; nothing when the cursor is not over it. */
export function readingAt(u: uPlot, lines: Lines, failures: readonly Failure[]): Reading | undefined {
  const { idx, left = -1 } = u.cursor;
  const at = typeof idx === 'number' ? lines.at[idx] : undefined;
  if (typeof idx !== 'number' || at === undefined || left < 0) return undefined;
  const values = lines.lines.map((line) => ({
    name: line.name,
    p50Us: nearest(line.p50Us, idx),
    p95Us: nearest(line.p95Us, idx),
  }));
  return { left: u.valToPos(at / 1000, 'x') + u.bbox.left / devicePixelRatio, at, values, failures };
}

/** The figures under the cursor, beside it; told to screen readers as they change. */
export function ChartReading(props: {
  reading: Reading;
  lines: Lines;
  colours: ReadonlyMap<string, number>;
  width: number;
}) {
  const { reading, colours, width } = props;
  const onLeft = reading.left > width / 2;
  const position = onLeft ? { right: width - reading.left + 12 } : { left: reading.left + 12 };
  return (
    <div className={css.reading} style={position} aria-live="polite">
      <p className={css.at}>{instant(reading.at, zone, Date.now(), 'minutes')}</p>
      <table>
        <thead className="hidden">
          <tr>
            <th>{words.transaction}</th>
            <th>{words.median}</th>
            <th>{words.p95}</th>
          </tr>
        </thead>
        <tbody>
          {reading.values.map((value) => (
            <tr key={value.name}>
              <th scope="row">
                <Swatch number={colours.get(value.name) ?? 0} />
                <span>{value.name}</span>
              </th>
              <td className={css.median}>{duration(value.p50Us)}</td>
              <td className="faint">{duration(value.p95Us)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {reading.failures.slice(0, 3).map((failure) => (
        <p key={`${failure.runId} ${failure.transaction}`} className={css.failure}>
          <Shape kind="failed" size={9} />
          {instant(failure.at, zone, Date.now())} {failure.transaction ?? words.aRun}: {failure.errorCode}
        </p>
      ))}
    </div>
  );
}

// Transactions of one run may fall into neighbouring minutes: a hole by alignment takes its neighbour's figure.
function nearest(values: readonly (number | null | undefined)[], i: number): number | null {
  for (const candidate of [values[i], values[i - 1], values[i + 1]]) if (candidate !== undefined) return candidate;
  return null;
}
