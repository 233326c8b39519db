import { hourFrom, localDay, localHour } from '../rollups/local-hours.ts';
import type { Period } from './shapes.ts';

/** What a part of a report is read from. */
export type Source = 'rows' | 'hours' | 'days';

export interface Span extends Period {
  source: Source;
}

export interface Kept {
  /** Of the hours and days that are kept. */
  timeZone: string;
  /** Before it there are days alone, each of the step in which its middle lies. */
  hoursFrom: number;
  /** Whether the figures of a day may be taken whole. */
  dayServes(day: Period): boolean;
}

/**
 * Where each part of [first bound, last bound) is read so that every step between two bounds can be told apart: whole days
 * from days, whole hours beside them from hours, what is left from rows. In order, without gap.
 */
export function spansOf(bounds: readonly number[], kept: Kept): Span[] {
  const spans: Span[] = [];
  const add = (source: Source, from: number, to: number) => {
    const last = spans.at(-1);
    if (from >= to) return;
    if (last?.source === source) last.to = to;
    else spans.push({ source, from, to });
  };
  for (const [i, from] of bounds.slice(0, -1).entries()) cut({ from, to: bounds[i + 1] ?? from }, kept, add);
  return spans;
}

type Add = (source: Source, from: number, to: number) => void;

function cut(whole: Period, kept: Kept, add: Add): void {
  const { to } = whole;
  const from = Math.max(whole.from, Math.min(to, kept.hoursFrom));
  add('days', whole.from, from);
  if (from >= to) return;
  // From where hours are kept on, these may begin at other minutes than now: of a zone that was changed.
  const firstHour = from > whole.from ? from : hourFrom(from, kept.timeZone);
  const hours = { from: firstHour, to: localHour(to, kept.timeZone).from };
  if (hours.from >= hours.to) {
    add('rows', from, to);
    return;
  }
  add('rows', from, hours.from);
  for (let at = hours.from; at < hours.to; ) {
    const day = localDay(at, kept.timeZone);
    const end = Math.min(day.to, hours.to);
    add(day.from === at && day.to === end && kept.dayServes(day) ? 'days' : 'hours', at, end);
    at = end;
  }
  add('rows', hours.to, to);
}
