import type uPlot from 'uplot';
import { axisDuration, instant } from '../format.ts';
import { type Step, stepMs } from '../period.ts';
import { type Lines, lonely } from '../series.ts';

/* How the response time chart is drawn: pure settings for uPlot. x is in seconds, as uPlot wants it; y in microseconds. */

export interface Failure {
  at: number;
  runId: string;
  transaction: string | null;
  errorCode: string | null;
}

export interface Drawing {
  width: number;
  height: number;
  lines: Lines;
  colours: ReadonlyMap<string, number>;
  zone: string;
  failures(): readonly Failure[];
  onCursor(u: uPlot): void;
  onSelect(u: uPlot): void;
}

/**
 * Median and 95th percentile of each line after the axis of time: the order `options` counts on. What was measured in
 * an hour stands in the middle of it.
 */
export function chartData(lines: Lines, step: Step): uPlot.AlignedData {
  return [
    lines.at.map((at) => (at + stepMs[step] / 2) / 1000),
    ...lines.lines.flatMap((line) => [line.p50Us, line.p95Us]),
  ];
}

export function options(d: Drawing): uPlot.Options {
  const axis = { stroke: token('--text-faint'), font: `12px ${token('--font')}`, ticks: { show: false } };
  return {
    width: d.width,
    height: d.height,
    padding: [12, 32, 0, 0],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 7, width: 2, fill: token('--surface') },
      y: false,
    },
    scales: { x: { time: true }, y: { range: (_u, _min, max) => [0, Math.max(100_000, (max ?? 0) * 1.1)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 32, space: 80, values: (_u, splits) => timeTicks(splits, d.zone) },
      {
        ...axis,
        grid: { stroke: token('--line'), width: 1 },
        size: 60,
        space: 40,
        values: (u, splits) => splits.map((us) => axisDuration(us, u.scales.y?.max ?? us)),
      },
    ],
    series: [{}, ...d.lines.lines.flatMap((line) => pair(colourOf(d, line.name)))],
    bands: d.lines.lines.map((line, i) => ({ series: [2 * i + 2, 2 * i + 1], fill: `${colourOf(d, line.name)}24` })),
    hooks: {
      draw: [(u) => drawFailures(u, d.failures())],
      setCursor: [d.onCursor],
      setSelect: [d.onSelect],
    },
  };
}

/** The failures within 8 px of the cursor. */
export function failuresNear(u: uPlot, failures: readonly Failure[]): Failure[] {
  const left = u.cursor.left ?? -1;
  return left < 0 ? [] : failures.filter((failure) => Math.abs(u.valToPos(failure.at / 1000, 'x') - left) <= 8);
}

// Midnights carry their date, and so does the first tick when it is days apart from the next.
function timeTicks(splits: readonly number[], zone: string): string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  return splits.map((seconds) => {
    const text = instant(seconds * 1000, zone, 0, step < 60 ? 'seconds' : 'minutes');
    const [day = '', time = ''] = text.split(', ');
    return time.startsWith('00:00') ? day.replace(/ \d{4}$/, '') : time;
  });
}

function pair(colour: string): uPlot.Series[] {
  return [
    {
      stroke: colour,
      width: 2,
      points: {
        show: true,
        size: 5,
        fill: colour,
        stroke: colour,
        filter: (u, i) => lonely(u.data[i] as (number | null | undefined)[]),
      },
    },
    { stroke: `${colour}99`, width: 1, points: { show: false } },
  ];
}

function drawFailures(u: uPlot, failures: readonly Failure[]): void {
  const { ctx, bbox } = u;
  const size = 8 * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = token('--bad');
  ctx.strokeStyle = token('--surface');
  ctx.lineWidth = devicePixelRatio;
  for (const failure of failures) {
    const x = u.valToPos(failure.at / 1000, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const y = bbox.top + bbox.height - size / 2;
    ctx.fillRect(x - size / 2, y, size, size);
    ctx.strokeRect(x - size / 2, y, size, size);
  }
  ctx.restore();
}

function colourOf(d: Drawing, name: string): string {
  return token(`--series-${d.colours.get(name) ?? 0}`);
}

// A canvas knows no variables of CSS.
function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
