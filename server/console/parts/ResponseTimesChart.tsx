import { words } from '../messages/messages.ts';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { type KeyboardEvent, useEffect, useEffectEvent, useId, useRef, useState } from 'react';
import uPlot from 'uplot';
import type { Step } from '../period.ts';
import type { Lines } from '../series.ts';
import { ChartReading, type Reading, readingAt } from './ChartReading.tsx';
import { chartData, failuresNear, type Marks, options } from './chart-options.ts';
import { zone } from './Instant.tsx';
import css from './ResponseTimesChart.module.css';

interface ChartProps {
  lines: Lines;
  /** Whether the medians stand upon each other as areas. */
  isStacked: boolean;
  step: Step;
  marks: Marks;
  colours: ReadonlyMap<string, number>;
  /** Ends of the axis of time, in ms. */
  from: number;
  to: number;
  height: number;
  label: string;
  onPeriod(from: number, to: number): void;
  /** To so many times as long, about an instant (ms). */
  onZoom(factor: number, centre: number): void;
  onRun(runId: string): void;
}

/** Medians as lines, 95th percentiles thinner, failures as squares on the axis. Read by mouse or arrow keys. */
export function ResponseTimesChart(props: ChartProps) {
  const { step, colours, label, height } = props;
  const [target, setTarget] = useState<HTMLDivElement | null>(null);
  const [reading, setReading] = useState<Reading>();
  const { chart, width } = useChart(props, target, setReading);
  const keysId = useId();
  const press = (event: KeyboardEvent) => {
    const u = chart.current;
    if (u && steer(u, event.key, props)) event.preventDefault();
  };
  return (
    <div className={css.chart} style={{ height }}>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing that is read with the arrow keys has no element of its own */}
      <div
        ref={setTarget}
        className={css.canvas}
        role="group"
        aria-label={label}
        aria-describedby={keysId}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move its cursor
        tabIndex={0}
        onKeyDown={press}
        onBlur={() => setReading(undefined)}
      />
      <p id={keysId} className="hidden">
        {words.chartKeys}
      </p>
      {reading && <ChartReading reading={reading} step={step} colours={colours} width={width} />}
    </div>
  );
}

function useChart(props: ChartProps, target: HTMLDivElement | null, onRead: (reading?: Reading) => void) {
  const chart = useRef<uPlot>(undefined);
  const [width, setWidth] = useState(0);
  const scheme = useComputedColorScheme();
  const { lines, isStacked, step, marks, from, to, height } = props;
  const names = lines.lines.map((line) => line.name).join('\n');
  const latest = useEffectEvent(() => props);
  const read = useEffectEvent((u: uPlot) => onRead(readingAt(u, props.lines, props.step, props.marks)));
  const ready = width > 0;

  // A new drawing for other lines, colours or heights; new figures alone are put into the one that is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: names, scheme and isStacked are what the drawing is made from
  useEffect(() => {
    if (!target || !ready) return;
    const p = latest();
    const drawing = {
      width: target.clientWidth,
      height,
      lines: p.lines,
      isStacked: p.isStacked,
      colours: p.colours,
      zone,
      marks: () => latest().marks,
      onCursor: (u: uPlot) => read(u),
      onSelect: (u: uPlot) => select(u, latest().onPeriod),
    };
    const u = new uPlot(options(drawing), chartData(p.lines, p.step, p.isStacked), target);
    u.over.addEventListener('click', () => openNearest(u, latest()));
    show(u, p);
    chart.current = u;
    return () => {
      chart.current = undefined;
      u.destroy();
    };
  }, [target, ready, height, names, scheme, isStacked]);

  useEffect(() => {
    if (chart.current) show(chart.current, { lines, isStacked, step, from, to });
    void marks;
  }, [lines, isStacked, step, marks, from, to]);

  // The drawing follows its box at once, whatever else the page has to do; hidden, it keeps the size it had.
  useEffect(() => {
    if (!target) return;
    const follow = new ResizeObserver(() => {
      const { clientWidth } = target;
      if (clientWidth === 0) return;
      chart.current?.setSize({ width: clientWidth, height: target.clientHeight });
      setWidth(clientWidth);
    });
    follow.observe(target);
    return () => follow.disconnect();
  }, [target]);

  return { chart, width };
}

type Shown = Pick<ChartProps, 'lines' | 'isStacked' | 'step' | 'from' | 'to'>;

function show(u: uPlot, { lines, isStacked, step, from, to }: Shown): void {
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  u.batch(() => {
    u.setData(chartData(lines, step, isStacked), true);
    u.setScale('x', { min: from / 1000, max: to / 1000 });
  });
}

// Dragging over the chart chooses a period of whole minutes; a slip of the mouse chooses none. What was chosen stays marked until it is drawn.
function select(u: uPlot, onPeriod: ChartProps['onPeriod']): void {
  const { left, width } = u.select;
  if (width === 0) return;
  if (width < 8) {
    u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    return;
  }
  const minute = 60;
  const from = Math.floor(u.posToVal(left, 'x') / minute) * minute;
  const to = Math.ceil(u.posToVal(left + width, 'x') / minute) * minute;
  onPeriod(from * 1000, to * 1000);
}

function openNearest(u: uPlot, { marks, onRun }: ChartProps): void {
  const nearest = failuresNear(u, marks.failures)[0];
  if (nearest) onRun(nearest.runId);
}

// Moves the cursor from point to point, or zooms about it; tells whether the key was one of the chart's.
function steer(u: uPlot, key: string, props: ChartProps): boolean {
  const at = u.data[0];
  const here = u.cursor.idx ?? at.length;
  const factor = { '+': 0.5, '=': 0.5, '-': 2 }[key];
  if (factor !== undefined) {
    props.onZoom(factor, 1000 * (at[here] ?? ((u.scales.x?.min ?? 0) + (u.scales.x?.max ?? 0)) / 2));
    return true;
  }
  const target = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: at.length - 1 }[key];
  if (key === 'Enter') openNearest(u, props);
  if (target === undefined) return key === 'Enter';
  const seconds = at[Math.max(0, Math.min(at.length - 1, target))];
  if (seconds !== undefined) u.setCursor({ left: u.valToPos(seconds, 'x'), top: 0 });
  return true;
}
