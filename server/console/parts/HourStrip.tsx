import { type KeyboardEvent, type MouseEvent, memo, type SyntheticEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { between, count, duration } from '../format.ts';
import { words } from '../messages/messages.ts';
import { type Hour, hourAt, type Strip } from '../overview.ts';
import { writePeriod } from '../period.ts';
import css from './HourStrip.module.css';
import { zone } from './Instant.tsx';

/** Units of the drawing, which is stretched to the place there is. */
const [cell, tall] = [10, 28];
/** How an hour is told without colour: by its height, and errored ones by being hollow. */
const heights: Record<Hour, number> = {
  ...{ none: 1, passed: 10, slow: 18, errored: 24 },
  ...{ failing1: 26, failing2: 26, failing3: 28 },
};

interface StripProps {
  strip: Strip;
  /** When each cell begins, and how long each is, in ms. */
  starts: readonly number[];
  stepMs: number;
  /** Of the monitor's page. */
  href: string;
  name: string;
}

/** Time of a monitor in cells: its page is a click away, and at that time. Arrow keys go along. */
export const HourStrip = memo(function HourStrip({ strip, starts, stepMs, href, name }: StripProps) {
  const [, navigate] = useLocation();
  const [reading, setReading] = useState<{ at: number; box: DOMRect }>();
  const kinds = starts.map((_, i) => hourAt(strip, i));
  const read = (event: SyntheticEvent, i: number) => {
    const at = Math.max(0, Math.min(starts.length - 1, i));
    setReading({ at, box: event.currentTarget.getBoundingClientRect() });
  };
  const point = (event: MouseEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    read(event, Math.floor(((event.clientX - left) / width) * starts.length));
  };
  const press = (event: KeyboardEvent) => {
    const here = reading?.at ?? starts.length;
    const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: starts.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    read(event, next);
  };
  const open = (event: MouseEvent) => {
    const from = starts[reading?.at ?? -1];
    if (from === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate(`${href}?${writePeriod(wholeMinutes(from, stepMs), '')}`, { state: { zoomed: true } });
  };
  return (
    <a
      href={href}
      className={css.strip}
      aria-label={summary(name, kinds)}
      onKeyDown={press}
      onBlur={() => setReading(undefined)}
      onMouseMove={point}
      onMouseLeave={() => setReading(undefined)}
      onClick={open}
    >
      <Cells kinds={kinds} />
      {reading && <Reading strip={strip} starts={starts} stepMs={stepMs} {...reading} />}
    </a>
  );
});

/** The drawing alone. Cells of a kind are one path: a page may hold thousands. */
export function Cells({ kinds }: { kinds: readonly Hour[] }) {
  const drawn = Map.groupBy(kinds.keys(), (i) => kinds[i] ?? 'none');
  return (
    <svg viewBox={`0 0 ${kinds.length * cell} ${tall}`} preserveAspectRatio="none" aria-hidden="true">
      {[...drawn].map(([kind, places]) => (
        <path
          key={kind}
          className={kind === 'none' ? css.ground : css[kind]}
          d={places.map((i) => bar(i, heights[kind])).join('')}
        />
      ))}
    </svg>
  );
}

function bar(i: number, height: number): string {
  return `M${i * cell + 1} ${tall - height}h${cell - 2}v${height}h${2 - cell}z`;
}

// Cells of a zoomed chart begin anywhere; addresses are of whole minutes, and no shorter than a zoom can be.
function wholeMinutes(from: number, stepMs: number) {
  const minute = 60_000;
  const start = Math.floor(from / minute) * minute;
  const end = Math.ceil((from + Math.max(stepMs, 10 * minute)) / minute) * minute;
  return { kind: 'between', from: start, to: end } as const;
}

function summary(name: string, kinds: readonly Hour[]): string {
  const of = (test: (kind: Hour) => boolean) => kinds.filter(test).length;
  return words.overviewPage.stripSummary(name, {
    failing: of((kind) => kind.startsWith('failing')),
    slow: of((kind) => kind === 'slow'),
    none: of((kind) => kind === 'none'),
  });
}

function Reading(props: Pick<StripProps, 'strip' | 'starts' | 'stepMs'> & { at: number; box: DOMRect }) {
  const { strip, starts, stepMs, at, box } = props;
  const from = starts[at] ?? 0;
  // Fixed, since a table that scrolls in itself would cut it off.
  const side = at < starts.length / 2 ? { left: box.left } : { right: window.innerWidth - box.right };
  const place = { ...side, bottom: window.innerHeight - box.top + 4 };
  const counts = ([strip.passed, strip.failed, strip.errored] as const).map((of) => count(of[at] ?? 0));
  const [passed = '', failed = '', errored = ''] = counts;
  const kind = hourAt(strip, at);
  return (
    <>
      <span
        className={css.cursor}
        style={{ left: `${(at / starts.length) * 100}%`, width: `${100 / starts.length}%` }}
      />
      <span className={css.reading} style={place} role="status">
        <strong>{between(from, from + stepMs, zone, Date.now())}</strong>
        {kind === 'none' ? (
          <span>{words.overviewPage.legendHours.none}</span>
        ) : (
          <>
            <span>{words.overviewPage.hourCounts(passed, failed, errored)}</span>
            <span className="muted">
              {words.p95Short} {duration(strip.p95Us[at])}
              {strip.slow[at] ? `, ${words.overviewPage.slow}` : ''}
            </span>
          </>
        )}
      </span>
    </>
  );
}
