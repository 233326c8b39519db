/** A period as the address bar holds it: the last so many hours, or from one instant to another (ms). */
export type Period = { kind: 'last'; span: Span } | { kind: 'between'; from: number; to: number };

/** The offered spans, shortest first, in ms. */
export const spans = {
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
  '30d': 2_592_000_000,
  '90d': 7_776_000_000,
  '18mo': 47_433_600_000,
  all: Number.POSITIVE_INFINITY,
} as const;
export type Span = keyof typeof spans;
export const spanNames = Object.keys(spans) as readonly Span[];

/** Before this nothing was measured (ms). */
const earliest = Date.UTC(2020, 0, 1);

export const usual: Period = { kind: 'last', span: '24h' };

/** Reads `?period=7d` or `?from=…&to=…` (ISO instants). What makes no sense is the usual period, not an error. */
export function readPeriod(search: string): Period {
  const query = new URLSearchParams(search);
  const from = Date.parse(query.get('from') ?? '');
  const to = Date.parse(query.get('to') ?? '');
  if (from < to) return { kind: 'between', from, to };
  const span = query.get('period') ?? '';
  return isSpan(span) ? { kind: 'last', span } : usual;
}

/** The query string with this period in it, its other entries kept; without the question mark. */
export function writePeriod(period: Period, search: string): string {
  const query = new URLSearchParams(search);
  for (const key of ['period', 'from', 'to', 'before']) query.delete(key);
  if (period.kind === 'between') {
    query.set('from', isoMinute(period.from));
    query.set('to', isoMinute(period.to));
  } else if (period.span !== '24h') query.set('period', period.span);
  return query.toString().replaceAll('%3A', ':');
}

/** Only the period of a query string, to carry it to the next page: `?period=7d` or nothing. */
export function periodOf(search: string): string {
  const query = writePeriod(readPeriod(search), '');
  return query === '' ? '' : `?${query}`;
}

/**
 * From and to in ms. A span ends at the next whole minute: the same address for a minute, so that an unchanged
 * answer costs the server a 304 and the screen nothing.
 */
export function bounds(period: Period, now: number): { from: number; to: number } {
  if (period.kind === 'between') return { from: period.from, to: period.to };
  const to = Math.ceil(now / 60_000) * 60_000;
  return { from: Math.max(earliest, to - spans[period.span]), to };
}

/** Whether it is all that was measured: only an answer knows where that begins. */
export function isAll(period: Period): boolean {
  return period.kind === 'last' && period.span === 'all';
}

/** The period before, equally long. Of all time there is none. */
export function before({ from, to }: { from: number; to: number }) {
  return { from: from - (to - from), to: from };
}

/** No zoom goes nearer (ms). */
const nearest = 600_000;

/**
 * The part of a period, or with a factor above 1 the longer one, that is so many times as long and has `centre` where it
 * was before. In whole minutes, and never beyond the present.
 */
export function zoomed(period: { from: number; to: number }, factor: number, centre: number, now: number) {
  const minute = 60_000;
  const length = period.to - period.from;
  const wanted = Math.max(nearest, length * factor);
  const start = centre - (centre - period.from) * (wanted / length);
  const to = Math.min(Math.ceil((start + wanted) / minute), Math.ceil(now / minute)) * minute;
  const from = Math.max(earliest, Math.floor((to - wanted) / minute) * minute);
  return { from, to };
}

export type Step = 'minute' | 'hour' | 'day';
export const stepMs = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const satisfies Record<Step, number>;

/** The most that is to be had by the minute, in ms. */
const minutesReach = 48 * 3_600_000;

/** The step that suits a period: some 1500 points at most. */
export function stepFor(period: { from: number; to: number }): Step {
  const length = period.to - period.from;
  if (length <= spans['6h']) return 'minute';
  return length <= 2 * spans['30d'] ? 'hour' : 'day';
}

/** The step, or a longer one where the period is longer than can be told by the minute. */
export function stepWithin(period: { from: number; to: number }, step: Step): Step {
  return step === 'minute' && period.to - period.from > minutesReach ? 'hour' : step;
}

/**
 * The part of a period worth asking by the minute, when all its points (instants in ms, of a longer step) are a handful:
 * a monitor of today, looked at over a month. Nothing when the points are enough or reach back too far.
 */
export function worthMinutes(period: { from: number; to: number }, points: readonly number[]) {
  const distinct = new Set(points);
  if (distinct.size === 0 || distinct.size > 6) return undefined;
  const from = Math.max(period.from, Math.min(...distinct));
  return period.to - from <= minutesReach ? { from, to: period.to } : undefined;
}

/** Equal for equal periods: what a cache is keyed by. */
export function periodKey(period: Period): string {
  return period.kind === 'last' ? period.span : `${period.from}-${period.to}`;
}

/** `2026-11-22T10:42`, the viewer's own time, as `<input type="datetime-local">` wants it. */
export function toLocalInput(at: number): string {
  const d = new Date(at);
  return new Date(at - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function isSpan(text: string): text is Span {
  return Object.hasOwn(spans, text);
}

function isoMinute(at: number): string {
  const text = new Date(at).toISOString();
  return text.endsWith(':00.000Z') ? `${text.slice(0, 16)}Z` : text;
}
