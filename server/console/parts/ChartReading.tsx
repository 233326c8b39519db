import type uPlot from 'uplot';
import { between, duration, instant } from '../format.ts';
import { words } from '../messages/messages.ts';
import { type Step, stepMs } from '../period.ts';
import type { Lines } from '../series.ts';
import css from './ChartReading.module.css';
import { type Failure, failuresNear, type Marks } from './chart-options.ts';
import { zone } from './Instant.tsx';
import { Shape } from './State.tsx';
import { Swatch } from './Swatch.tsx';

/** What lies under the chart's cursor. */
export interface Reading {
  left: number;
  /** Beginning of the step, in ms. */
  at: number;
  values: { name: string; p50Us: number | null; p95Us: number | null; beforeUs: number | null }[];
  failures: readonly Failure[];
  /** Reasons of the maintenance that the cursor is in. */
  maintenance: readonly string[];
}

/** Reads the chart at its cursor; nothing when the cursor is not over it. */
export function readingAt(u: uPlot, lines: Lines, step: Step, marks: Marks): Reading | undefined {
  const { idx, left = -1 } = u.cursor;
  const at = typeof idx === 'number' ? lines.at[idx] : undefined;
  if (typeof idx !== 'number' || at === undefined || left < 0) return undefined;
  const values = lines.lines.map((line) => ({
    name: line.name,
    p50Us: nearest(line.p50Us, idx),
    p95Us: nearest(line.p95Us, idx),
    beforeUs: nearest(line.beforeUs, idx),
  }));
  const middle = (at + stepMs[step] / 2) / 1000;
  const within = marks.maintenance.filter(({ from, to }) => from < at + stepMs[step] && to > at);
  return {
    left: u.valToPos(middle, 'x') + u.bbox.left / devicePixelRatio,
    at,
    values,
    failures: failuresNear(u, marks.failures),
    maintenance: within.map(({ reason }) => reason),
  };
}

/** The figures under the cursor, beside it; told to screen readers as they change. */
export function ChartReading(props: {
  reading: Reading;
  step: Step;
  colours: ReadonlyMap<string, number>;
  width: number;
}) {
  const { reading, step, colours, width } = props;
  const onLeft = reading.left > width / 2;
  const position = onLeft ? { right: width - reading.left + 12 } : { left: reading.left + 12 };
  return (
    <div className={css.reading} style={position} aria-live="polite">
      <p className={css.at}>{stretch(reading.at, step)}</p>
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
              {value.beforeUs !== null && (
                <td className="faint">
                  {words.beforeShort} {duration(value.beforeUs)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {reading.maintenance.map((reason) => (
        <p key={reason} className="muted">
          {words.maintenance}: {reason}
        </p>
      ))}
      {reading.failures.slice(0, 3).map((failure) => (
        <p key={`${failure.runId} ${failure.transaction}`} className={css.failure}>
          <Shape kind="failed" size={9} />
          {instant(failure.at, zone, Date.now())} {failure.transaction ?? words.aRun}: {failure.errorCode}
        </p>
      ))}
    </div>
  );
}

function stretch(at: number, step: Step): string {
  return step === 'minute'
    ? instant(at, zone, Date.now(), 'minutes')
    : between(at, at + stepMs[step], zone, Date.now());
}

// Transactions of one run may fall into neighbouring minutes: a hole by alignment takes its neighbour's figure.
function nearest(values: readonly (number | null | undefined)[], i: number): number | null {
  for (const candidate of [values[i], values[i - 1], values[i + 1]]) if (candidate !== undefined) return candidate;
  return null;
}
