import type uPlot from 'uplot';
import { axisDuration, instant } from '../format.ts';
import { type Step, stepMs } from '../period.ts';
import { type Lines, lonely, stacked } from '../series.ts';

/* How the response time chart is drawn: pure settings for uPlot. x is in seconds, as uPlot wants it; y in microseconds. */

export interface Failure {
  at: number;
  runId: string;
  transaction: string | null;
  errorCode: string | null;
}

/** What is drawn beside the lines. */
export interface Marks {
  failures: readonly Failure[];
  /** By transaction, in µs. */
  thresholds: readonly { name: string; us: number }[];
  maintenance: readonly { from: number; to: number; reason: string }[];
  /** Single results of a short period. */
  results: readonly { name: string; at: number; responseUs: number }[];
}

export interface Drawing {
  width: number;
  height: number;
  lines: Lines;
  /** Whether the medians stand upon each other as areas. */
  isStacked: boolean;
  colours: ReadonlyMap<string, number>;
  zone: string;
  marks(): Marks;
  onCursor(u: uPlot): void;
  onSelect(u: uPlot): void;
}

/**
 * Median, 95th percentile and the median before of each line after the axis of time: the order `options` counts on. What was measured in
 * an hour stands in the middle of it.
 */
export function chartData(measured: Lines, step: Step, isStacked: boolean): uPlot.AlignedData {
  const lines = isStacked ? stacked(measured) : measured;
  return [
    lines.at.map((at) => (at + stepMs[step] / 2) / 1000),
    ...lines.lines.flatMap((line) => [line.p50Us, line.p95Us, line.beforeUs]),
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
    scales: { x: { time: true }, y: { range: (_u, _min, max) => [0, topOf(d.marks(), max ?? 0)] } },
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
    series: [{}, ...d.lines.lines.flatMap((line, i) => triple(colourOf(d, line.name), d.isStacked && i === 0))],
    bands: d.lines.lines.flatMap((line, i) => bandOf(colourOf(d, line.name), i, d.isStacked)),
    hooks: {
      drawClear: [(u) => drawMaintenance(u, d.marks())],
      draw: [(u) => drawResults(u, d), (u) => drawThresholds(u, d), (u) => drawFailures(u, d.marks().failures)],
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

/** Between median and 95th percentile; stacked, between a line and the one below it. */
function bandOf(colour: string, i: number, isStacked: boolean): uPlot.Band[] {
  if (!isStacked) return [{ series: [3 * i + 2, 3 * i + 1], fill: `${colour}24` }];
  return i === 0 ? [] : [{ series: [3 * i + 1, 3 * i - 2], fill: `${colour}70` }];
}

/** `isGround`: filled down to the axis. */
function triple(colour: string, isGround: boolean): uPlot.Series[] {
  return [
    {
      stroke: colour,
      width: 2,
      ...(isGround && { fill: `${colour}70` }),
      points: {
        show: true,
        size: 5,
        fill: colour,
        stroke: colour,
        filter: (u, i) => lonely(u.data[i] as (number | null | undefined)[]),
      },
    },
    { stroke: `${colour}99`, width: 1, points: { show: false } },
    { stroke: `${colour}80`, width: 1.5, dash: [2, 4], points: { show: false } },
  ];
}

// A threshold far above all that is measured would press the lines flat: it is left out then.
function topOf({ thresholds, results }: Marks, most: number): number {
  const highest = results.reduce((max, { responseUs }) => Math.max(max, responseUs), Math.max(most, 90_000));
  const near = thresholds.filter(({ us }) => us <= 2.5 * highest).map(({ us }) => us);
  return Math.max(highest, ...near) * 1.1;
}

function drawMaintenance(u: uPlot, { maintenance }: Marks): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = token('--sunken');
  ctx.strokeStyle = token('--line-strong');
  ctx.lineWidth = devicePixelRatio;
  for (const { from, to } of maintenance) {
    const [left, right] = [from, to].map((at) => u.valToPos(at / 1000, 'x', true)) as [number, number];
    const width = Math.max(2 * devicePixelRatio, right - left);
    ctx.fillRect(left, bbox.top, width, bbox.height);
    hatch(ctx, left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

function hatch(ctx: CanvasRenderingContext2D, left: number, top: number, width: number, height: number): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.beginPath();
  const step = 8 * devicePixelRatio;
  for (let x = left - height; x < left + width; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

function drawResults(u: uPlot, d: Drawing): void {
  const { ctx } = u;
  const size = 3 * devicePixelRatio;
  ctx.save();
  for (const { name, at, responseUs } of d.marks().results) {
    ctx.fillStyle = `${colourOf(d, name)}a0`;
    const [x, y] = [u.valToPos(at / 1000, 'x', true), u.valToPos(responseUs, 'y', true)];
    ctx.fillRect(x - size / 2, y - size / 2, size, size);
  }
  ctx.restore();
}

function drawThresholds(u: uPlot, d: Drawing): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([8 * devicePixelRatio, 6 * devicePixelRatio]);
  for (const { name, us } of d.marks().thresholds) {
    const y = u.valToPos(us, 'y', true);
    if (y < bbox.top) continue;
    ctx.strokeStyle = colourOf(d, name);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
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
