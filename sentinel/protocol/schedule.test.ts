import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastTime, nextTime, readCron } from './cron.ts';
import { checkTimeZone } from './local-day.ts';
import { Schedule } from './messages.ts';
import { expectedRuns, isWithinHours, lastDueAt, nextDueAt, shift } from './schedule.ts';

const minute = 60_000;
const day = 86_400_000;
const zones = [
  'Europe/Amsterdam',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'UTC',
];

/** Days around which the zones above change their clocks, and some on which none does. */
const days = fc.constantFrom(
  Date.UTC(2026, 2, 29),
  Date.UTC(2026, 9, 25),
  Date.UTC(2026, 2, 8),
  Date.UTC(2026, 10, 1),
  Date.UTC(2026, 3, 5),
  Date.UTC(2026, 9, 4),
  Date.UTC(2018, 10, 4),
  Date.UTC(2026, 5, 10),
  Date.UTC(2028, 1, 29),
);

const shown = (at: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);

/** Field of a cron expression, and the values it names. */
const field = (least: number, most: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant({ text: '*', has: (_: number) => true }) },
    fc.integer({ min: least, max: most }).map((n) => ({ text: `${n}`, has: (v: number) => v === n })),
    fc.integer({ min: 2, max: 9 }).map((n) => ({ text: `*/${n}`, has: (v: number) => (v - least) % n === 0 })),
    fc
      .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
      .map(([a, b]) => ({ text: `${a}-${b}`, has: (v: number) => v >= a && v <= b })),
  );
const cron = fc.record({
  minute: field(0, 59),
  hour: field(0, 23),
  date: field(1, 28),
  month: field(1, 12),
  weekday: field(0, 6),
});
type Fields = typeof cron extends fc.Arbitrary<infer T> ? T : never;

function onDay({ date, month, weekday }: Fields, at: Temporal.PlainDate | Temporal.ZonedDateTime): boolean {
  if (!month.has(at.month)) return false;
  const [onDate, onWeekday] = [date.has(at.day), weekday.has(at.dayOfWeek % 7)];
  return date.text.startsWith('*') || weekday.text.startsWith('*') ? onDate && onWeekday : onDate || onWeekday;
}

/** Every time of an expression in [from, to), found by walking over every minute. */
function walk(fields: Fields, zone: string, from: number, to: number): number[] {
  const found = new Set<number>();
  const everyHour = Array.from({ length: 24 }, (_, h) => h).every(fields.hour.has);
  if (everyHour) {
    for (let at = Math.ceil(from / minute) * minute; at < to; at += minute) {
      if (fields.minute.has(shown(at, zone).minute) && onDay(fields, shown(at, zone))) found.add(at);
    }
  } else {
    const last = shown(to, zone).toPlainDateTime().add({ hours: 3 });
    let local = shown(from, zone).toPlainDateTime().subtract({ hours: 3 }).round('minute');
    for (; Temporal.PlainDateTime.compare(local, last) < 0; local = local.add({ minutes: 1 })) {
      if (!fields.minute.has(local.minute) || !fields.hour.has(local.hour)) continue;
      if (!onDay(fields, local.toPlainDate())) continue;
      const at = local.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
      if (at >= from && at < to) found.add(at);
    }
  }
  return [...found].sort((a, b) => a - b);
}

test('cron times are those that a walk over every minute finds, through gaps and overlaps of the clock', () => {
  const span = fc.record({
    from: days,
    offset: fc.integer({ min: -day, max: day }),
    length: fc.integer({ min: 0, max: 2 * day }),
  });
  fc.assert(
    fc.property(
      cron,
      fc.constantFrom(...zones),
      span,
      fc.nat(minute - 1),
      (fields, timeZone, { from: base, offset, length }, shiftMs) => {
        const { minute: m, hour, date, month, weekday } = fields;
        const schedule = {
          everyMs: minute,
          cron: `${m.text} ${hour.text} ${date.text} ${month.text} ${weekday.text}`,
          timeZone,
        };
        const [from, to] = [base + offset, base + offset + length];
        const times = walk(fields, timeZone, from - shiftMs, to - shiftMs).map((at) => at + shiftMs);
        assert.equal(expectedRuns(schedule, shiftMs, from, to), times.length, schedule.cron);
        const listed: number[] = [];
        for (let at = nextDueAt(schedule, shiftMs, from - 1); at < to; at = nextDueAt(schedule, shiftMs, at))
          listed.push(at);
        assert.deepEqual(listed, times);
        for (const at of times.slice(0, 5)) {
          assert.equal(lastDueAt(schedule, shiftMs, at), at);
          assert.ok(lastDueAt(schedule, shiftMs, at - 1) < at);
        }
      },
    ),
    { numRuns: process.env.VEDETTE_LONG ? 2000 : 40 },
  );
});

test('what is asked of a cron expression is answered alike in whatever order', () => {
  const instants = fc.array(fc.integer({ min: -3 * day, max: 3 * day }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(cron, fc.constantFrom(...zones), days, instants, (fields, timeZone, base, offsets) => {
      const text = `${fields.minute.text} ${fields.hour.text} ${fields.date.text} ${fields.month.text} ${fields.weekday.text}`;
      const schedule = { everyMs: minute, cron: text, timeZone };
      for (const at of offsets.map((offset) => base + offset)) {
        assert.equal(lastDueAt(schedule, 0, at), lastTime(readCron(text), timeZone, at), text);
        assert.equal(nextDueAt(schedule, 0, at), nextTime(readCron(text), timeZone, at), text);
      }
    }),
    { numRuns: 60 },
  );
});

test('a time that the clock skips is later by as much, one that comes twice is run once, every hour goes on as time does', () => {
  const at = (cron: string, from: string) => {
    const schedule = { everyMs: minute, cron, timeZone: 'Europe/Amsterdam' };
    const begin = Date.parse(from);
    const times: number[] = [];
    for (let t = nextDueAt(schedule, 0, begin - 1); t < begin + day; t = nextDueAt(schedule, 0, t)) times.push(t);
    return times.map((t) => new Date(t).toISOString().slice(11, 16));
  };
  const [spring, autumn] = ['2026-03-28T23:00Z', '2026-10-24T22:00Z'];
  assert.deepEqual(at('30 2 * * *', spring), ['01:30']);
  assert.deepEqual(at('0 2,3 * * *', spring), ['01:00']);
  assert.deepEqual(at('30 2 * * *', autumn), ['00:30']);
  assert.equal(at('0 * * * *', spring).length, 24);
  assert.deepEqual(at('0 * * * *', autumn).slice(1, 5), ['23:00', '00:00', '01:00', '02:00']);
});

test('a day of the month and a day of the week are enough each, names and shorthands are understood', () => {
  const first = (cron: string) => new Date(nextDueAt({ everyMs: minute, cron }, 0, Date.UTC(2026, 4, 2))).toISOString();
  assert.equal(first('0 0 13 * fri'), '2026-05-08T00:00:00.000Z');
  assert.equal(first('0 6 * jun-aug mon-fri'), '2026-06-01T06:00:00.000Z');
  assert.equal(first('0 0 29 2 *'), '2028-02-29T00:00:00.000Z');
  assert.equal(first('@monthly'), '2026-06-01T00:00:00.000Z');
  assert.deepEqual([first('@midnight'), first('@Annually')], [first('@daily'), first('@yearly')]);
  assert.equal(first('0 12 * * 7'), '2026-05-03T12:00:00.000Z');
  assert.equal(first('10-20/5 0 * * *'), '2026-05-02T00:10:00.000Z');
});

test('hours that overlap, pass midnight or hold a clock change: every time lies in them, one window has at least one', () => {
  const hours = 'mon-fri 08:00-18:00, sat 22:00-04:30, sun 00:30-01:00';
  const schedules = fc.record({
    everyMs: fc.integer({ min: 20 * minute, max: day }),
    timeZone: fc.constantFrom(...zones),
  });
  fc.assert(
    fc.property(
      schedules,
      days,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.nat(9 * day),
      (wish, base, share, length) => {
        const schedule = { ...wish, hours };
        const shiftMs = Math.floor(share * wish.everyMs);
        const [from, to] = [base - 4 * day, base - 4 * day + length];
        const times: number[] = [];
        for (let at = nextDueAt(schedule, shiftMs, from - 1); at < to; at = nextDueAt(schedule, shiftMs, at)) {
          assert.ok(isWithinHours(hours, wish.timeZone, at), new Date(at).toISOString());
          assert.equal(lastDueAt(schedule, shiftMs, at), at);
          const previous = times.at(-1);
          if (previous !== undefined) assert.equal(lastDueAt(schedule, shiftMs, at - 1), previous);
          times.push(at);
        }
        assert.equal(expectedRuns(schedule, shiftMs, from, to), times.length);
        if (length >= 8 * day) assert.ok(new Set(times.map((at) => shown(at, wish.timeZone).dayOfWeek)).size >= 6);
      },
    ),
    { numRuns: 60 },
  );
});

test('hours that lie in others, or begin with them, take nothing away', () => {
  const wednesday = Date.UTC(2026, 5, 10);
  const hour = 60 * minute;
  for (const hours of [
    'mon-fri 08:00-18:00, mon-sun 08:00-12:00',
    'mon-sun 08:00-12:00, mon-fri 08:00-18:00',
    'mon-fri 08:00-18:00, wed 10:00-11:00',
  ]) {
    const open = Array.from({ length: 24 }, (_, i) => i).filter((i) =>
      isWithinHours(hours, 'UTC', wednesday + i * hour + 30 * minute),
    );
    assert.deepEqual(open, [8, 9, 10, 11, 12, 13, 14, 15, 16, 17], hours);
    assert.equal(expectedRuns({ everyMs: 30 * minute, hours }, 0, wednesday, wednesday + day), 20, hours);
  }
});

test('hours and a cron expression together: the times of the one that lie in the other', () => {
  const schedule = {
    everyMs: minute,
    cron: '0,30 * * * *',
    hours: 'mon-fri 08:15-09:15',
    timeZone: 'Europe/Amsterdam',
  };
  const monday = Date.parse('2026-06-08T00:00Z');
  assert.equal(expectedRuns(schedule, 0, monday, monday + 7 * day), 10);
  assert.equal(new Date(nextDueAt(schedule, 0, monday)).toISOString(), '2026-06-08T06:30:00.000Z');
  assert.equal(new Date(lastDueAt(schedule, 0, monday)).toISOString(), '2026-06-05T07:00:00.000Z');
});

test('what can be told of a schedule does not depend on where one begins to count', () => {
  const text = fc.constantFrom<Partial<Schedule>>({}, { cron: '*/7 3-5 * * *' }, { hours: 'mon-sun 22:00-06:00' });
  const cuts = fc.array(fc.nat(20 * day), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(text, fc.constantFrom(...zones), cuts, (part, timeZone, at) => {
      const schedule = { everyMs: 17 * minute, ...part, timeZone };
      const shiftMs = shift(schedule, 'm', 's');
      const [first = 0, ...others] = at.map((t) => Date.UTC(2026, 2, 15) + t).sort((a, b) => a - b);
      let [sum, from] = [0, first];
      for (const to of others) {
        sum += expectedRuns(schedule, shiftMs, from, to);
        from = to;
      }
      assert.equal(sum, expectedRuns(schedule, shiftMs, first, from));
    }),
    { numRuns: 60 },
  );
});

test('what is no cron expression, no hours and no time zone is refused with what is wrong', () => {
  const cases: [Partial<Schedule>, RegExp][] = [
    [{ cron: '61 * * * *' }, /"61" is no minute of a cron expression: 0 to 59/],
    [{ cron: '* * * *' }, /write five fields/],
    [{ cron: '0 0 * * * *' }, /write five fields/],
    [{ cron: '0 0 30 2 *' }, /never comes/],
    [{ cron: '*/0 * * * *' }, /"\*\/0" is no minute/],
    [{ cron: '5-1 * * * *' }, /"5-1" is no minute/],
    [{ cron: '1-2-3 * * * *' }, /is no minute/],
    [{ cron: '0 0 L * *' }, /"l" is no day of the month/],
    [{ cron: '0 0 * foo *' }, /"foo" is no month/],
    [{ hours: 'mon-fri 8-18' }, /are no hours of a week/],
    [{ hours: 'mon-fri 08:00-24:30' }, /are no hours of a week/],
    [{ hours: 'someday 08:00-18:00' }, /are no hours of a week/],
    [{ timeZone: 'Mars/Base' }, /there is no time zone "Mars\/Base"/],
  ];
  for (const [wish, message] of cases) {
    const parsed = Schedule.safeParse({ everyMs: minute, ...wish });
    assert.match(parsed.error?.issues[0]?.message ?? 'taken', message);
  }
  assert.throws(() => checkTimeZone(''), { name: 'TimeZoneFault' });
});

test('sentinels are spread over an interval, and with a cron expression over its minute', () => {
  const shifts = (schedule: Schedule) =>
    Array.from({ length: 1000 }, (_, i) => shift(schedule, 'monitor', `sentinel-${i}`));
  for (const [schedule, width] of [
    [{ everyMs: 300_000 }, 300_000],
    [{ everyMs: day, cron: '0 6 * * *' }, minute],
  ] as const) {
    const tenths = Array(10).fill(0);
    for (const s of shifts(schedule)) tenths[Math.floor((s / width) * 10)]++;
    assert.ok(Math.min(...tenths) > 50 && tenths.reduce((a, b) => a + b) === 1000, `${tenths}`);
  }
});
