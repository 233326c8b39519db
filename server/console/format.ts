/*
 * Every number and instant on a screen becomes text here and nowhere else. Instants come in as milliseconds since 1970,
 * durations as microseconds, shares as 0 to 1; what isn't known is null and shows as a dash.
 */

export const unknown = '–';

let locale = 'en-GB';

/** From here on numbers have the separators of this language (BCP 47); dates keep the order that the messages have. */
export function writeNumbersAs(language: string): void {
  locale = language;
  decimals.clear();
}

/** `7.4 ms`, `412 ms`, `1.24 s`, `12.4 s`, `2 min 5 s`, `3 h 20 min`: three digits that matter, never `1000 ms`. */
export function duration(us: number | null | undefined): string {
  if (us === null || us === undefined) return unknown;
  const ms = us / 1000;
  if (ms < 9.95) return `${decimal(ms, 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${decimal(ms / 1000, 2, 2)} s`;
  if (ms < 99_950) return `${decimal(ms / 1000, 1, 1)} s`;
  return span(ms);
}

/** A stretch of time in the two units that matter: `30 s`, `5 min`, `2 min 5 s`, `3 h 20 min`, `7 days`. */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const units = [
    { one: 'day', many: 'days', seconds: 86_400 },
    { one: 'h', many: 'h', seconds: 3_600 },
    { one: 'min', many: 'min', seconds: 60 },
    { one: 's', many: 's', seconds: 1 },
  ];
  const first = units.findIndex((unit) => seconds >= unit.seconds);
  if (first === -1) return '0 s';
  let rest = seconds;
  const parts: string[] = [];
  for (const unit of units.slice(first, first + 2)) {
    const n = Math.floor(rest / unit.seconds);
    rest -= n * unit.seconds;
    if (n > 0) parts.push(`${n} ${n === 1 ? unit.one : unit.many}`);
  }
  return parts.join(' ');
}

/** `99.93 %`. Cut, not rounded: only what is whole shows as `100 %`, and only nothing as `0 %`. */
export function share(part: number | null | undefined): string {
  if (part === null || part === undefined) return unknown;
  if (part >= 1) return '100 %';
  if (part <= 0) return '0 %';
  // The tiny addend undoes binary fractions such as 0.29 * 10000 = 2899.9999999999995.
  const hundredths = Math.min(9_999, Math.floor(part * 10_000 + 1e-7));
  return hundredths === 0 ? `< ${decimal(0.01, 2)} %` : `${decimal(hundredths / 100, 2)} %`;
}

/** `▲ 12 %` for longer by that part, `▼ 3 %` for shorter, `=` for what is no change; from twice on `▲ 2.4 ×`. */
export function changed(part: number | null): string {
  if (part === null) return unknown;
  const percent = Math.round(Math.abs(part) * 100);
  if (percent === 0) return '=';
  if (part >= 1) return `▲ ${decimal(part + 1, 1)} ×`;
  return `${part > 0 ? '▲' : '▼'} ${percent} %`;
}

/** `12,480`. */
export function count(n: number): string {
  return decimal(n, 0);
}

/** `84 kB`, `1.2 MB`, `3.4 GB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 999_500) return `${Math.round(n / 1000)} kB`;
  if (n < 999_500_000) return `${decimal(n / 1_000_000, 1)} MB`;
  return `${decimal(n / 1_000_000_000, 1)} GB`;
}

/** `10:42:31` for today, `21 Nov, 10:42:31` else, with the year if it is another one; as seen in `zone`. */
export function instant(at: number, zone: string, now: number, precision: 'minutes' | 'seconds' = 'seconds'): string {
  const time = clock(at, zone, precision);
  const day = dayOf(at, zone);
  const today = dayOf(now, zone);
  if (day.text === today.text) return time;
  return `${day.short}${day.year === today.year ? '' : ` ${day.year}`}, ${time}`;
}

/** `Sunday 22 November 2026, 10:42:31.250`, in `zone`: the whole of an instant. */
export function fullInstant(at: number, zone: string): string {
  const day = parts(at, zone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  const ms = String(((at % 1000) + 1000) % 1000).padStart(3, '0');
  return `${day.weekday} ${day.day} ${day.month} ${day.year}, ${clock(at, zone, 'seconds')}.${ms}`;
}

/** `2026-11-22 10:42:31 UTC`, for hovers. */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `10:42 to 11:42`, or with both dates when it spans days: `21 Nov, 10:42 to 22 Nov, 10:42`. */
export function between(from: number, to: number, zone: string, now: number): string {
  const [start, end] = [dayOf(from, zone), dayOf(to, zone)];
  const [since, until] = [clock(from, zone, 'minutes'), clock(to, zone, 'minutes')];
  if (start.text === end.text) return `${instant(from, zone, now, 'minutes')} to ${until}`;
  return `${start.short}, ${since} to ${end.short}, ${until}`;
}

/** `Oct 2026`, in `zone`. */
export function monthYear(at: number, zone: string): string {
  const { month, year } = parts(at, zone, { month: 'short', year: 'numeric' });
  return `${month} ${year}`;
}

/** `22 Nov 2026, 10:42`, in `zone`: for what is kept. */
export function dayAndTime(at: number, zone: string): string {
  const { short, year } = dayOf(at, zone);
  return `${short} ${year}, ${clock(at, zone, 'minutes')}`;
}

/** `Mon 5 Oct`, in `zone`. */
export function weekdayDate(at: number, zone: string): string {
  const { weekday, day, month } = parts(at, zone, { weekday: 'short', day: 'numeric', month: 'short' });
  return `${weekday} ${day} ${month}`;
}

/** A signed clock offset: `+12 ms`, `−1.2 s`, `0 ms`. */
export function offset(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return unknown;
  if (ms === 0) return '0 ms';
  return `${ms > 0 ? '+' : '−'}${duration(Math.abs(ms) * 1000)}`;
}

/** Ticks of a time axis in one unit: milliseconds below a second, seconds from there. `topUs` is the axis' upper end. */
export function axisDuration(us: number, topUs: number): string {
  if (us === 0) return '0';
  return topUs < 1_000_000 ? `${decimal(us / 1000, 1)} ms` : `${decimal(us / 1_000_000, 2)} s`;
}

const decimals = new Map<string, Intl.NumberFormat>();

// With no less than `least` digits behind the point: `1.50` becomes `1.5` and `2.00` becomes `2`, while `120` stays.
function decimal(n: number, most: number, least = 0): string {
  const key = `${most} ${least}`;
  const digits = { maximumFractionDigits: most, minimumFractionDigits: least };
  const known = decimals.get(key) ?? new Intl.NumberFormat(locale, { ...digits, numberingSystem: 'latn' });
  decimals.set(key, known);
  return known.format(n);
}

function clock(at: number, zone: string, precision: 'minutes' | 'seconds'): string {
  const p = parts(at, zone, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  return precision === 'minutes' ? `${p.hour}:${p.minute}` : `${p.hour}:${p.minute}:${p.second}`;
}

function dayOf(at: number, zone: string) {
  const p = parts(at, zone, { day: 'numeric', month: 'short', year: 'numeric' });
  return { text: `${p.day} ${p.month} ${p.year}`, short: `${p.day} ${p.month}`, year: p.year };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

// Making a formatter costs far more than using it, and a page of runs needs hundreds of instants.
function parts(at: number, zone: string, options: Intl.DateTimeFormatOptions): Record<string, string> {
  const key = `${zone} ${Object.entries(options).flat().join(' ')}`;
  const known = formatters.get(key) ?? new Intl.DateTimeFormat('en-US', { ...options, timeZone: zone });
  formatters.set(key, known);
  return Object.fromEntries(known.formatToParts(at).map((part) => [part.type, part.value]));
}
