import { randomUUID } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { buildMonitor, buildSentinel } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { ClosedHoursRow, RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { addUser } from '../../server/accounts/users.ts';
import { buildWorld, type World } from '../../server/build-world.ts';
import { buildFailedRun, buildResult, buildRun } from '../../server/ingest/build-run.ts';
import { ingest } from '../../server/ingest/ingest.ts';
import { businessHours, usualBusinessHours } from '../../server/rollups/calendar.ts';
import { addResult, noFigures, toRollup } from '../../server/rollups/figures.ts';
import { hourMs } from '../../server/rollups/hours.ts';
import { rollUpDirty } from '../../server/rollups/roll-up.ts';
import { dayRows } from '../../server/rollups/roll-up-day.ts';
import { thriftyBrowser } from '../thrifty-browser.ts';
import { openBrowser } from './open-browser.ts';

/* What pages of the console are looked at with: a server whose customer has as many monitors and locations as are wished. */

export interface Wish {
  monitors: number;
  locations: number;
  /** Of hours that are kept, up to the present one. */
  days: number;
  /** Of who looks; a viewer unless said. */
  role?: 'viewer' | 'author' | 'admin';
  /** Where the archive is; nowhere unless said. */
  archiveFolder?: string;
  name?(monitor: number): string;
  location?(location: number): string;
}

export interface ConsoleWorld extends AsyncDisposable {
  world: World;
  customerId: CustomerId;
  monitorIds: readonly string[];
  browser: Browser;
  passwords: { alice: string; olga: string };
  /** A page of the console, signed in: `alice` is of the customer, `olga` an administrator of the provider. */
  open(name?: 'alice' | 'olga'): Promise<Page>;
}

const transactions = ['Open', 'Login', 'Search', 'Order', 'Log out'];
const perHour = 12;
const dayMs = 24 * hourMs;

/**
 * Of every ten monitors the third fails now at its first location, the fifth was slow for some hours, and the seventh has
 * a gap. All else passes; hours come and go as an office's do.
 */
export async function consoleWorld(wish: Wish): Promise<ConsoleWorld> {
  const world = await buildWorld({ settings: { browser: thriftyBrowser, archiveFolder: wish.archiveFolder } });
  const { context } = world;
  const customerId = await world.addCustomer('Aurora');
  const now = context.now();
  const monitorIds = await context.customers.use(customerId, (db) => seed(db, wish, now));
  const users = {
    alice: await addUser(context, { name: 'alice', role: wish.role ?? 'viewer', customerId }),
    olga: await addUser(context, { name: 'olga', role: 'operator-admin', customerId: null }),
  };
  const browser = await openBrowser(context.authority.pins[0]);
  return {
    world,
    customerId,
    monitorIds,
    browser,
    passwords: { alice: users.alice.password, olga: users.olga.password },
    open: (name = 'alice') => openAs(browser, world.server.url, users[name]),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await world[Symbol.asyncDispose]();
    },
  };
}

/** A page of the console at `url`, signed in. */
export async function openAs(
  browser: Browser,
  url: string,
  { name, password }: { name: string; password: string },
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: `Account: ${name}` }).waitFor();
  return page;
}

async function seed(db: CustomerDb, wish: Wish, now: number): Promise<string[]> {
  const enrolled_at = now - wish.days * 24 * hourMs;
  const sentinels: { id: string; locationId: string }[] = [];
  for (let i = 0; i < wish.locations; i++) {
    const location_id = randomUUID();
    await db('locations').insert({ id: location_id, name: wish.location?.(i) ?? `Location ${i + 1}` });
    sentinels.push(await buildSentinel(db, { name: `desk-${i + 1}`, location_id, enrolled_at }));
  }
  const ids: string[] = [];
  for (let i = 0; i < wish.monitors; i++) {
    const name = wish.name?.(i) ?? `Application ${i + 1}`;
    const monitor = await buildMonitor(db, { name, every_ms: hourMs / perHour, created_at: enrolled_at });
    await db('scripts')
      .where({ id: monitor.script_id })
      .update({ name: `flow-${(i % 7) + 1}-${i}.spec.ts` });
    await addHours(db, { monitorId: monitor.id, number: i }, sentinels, { from: enrolled_at, to: now });
    await addRuns(db, { monitorId: monitor.id, number: i }, sentinels, now);
    ids.push(monitor.id);
  }
  await rollUpDirty(db);
  return ids;
}

interface Seeded {
  monitorId: string;
  number: number;
}

/** Hours as the job leaves them, but for the last two. */
async function addHours(
  db: CustomerDb,
  { monitorId: monitor_id, number }: Seeded,
  sentinels: readonly { id: string; locationId: string }[],
  { from, to }: { from: number; to: number },
): Promise<void> {
  await db('transactions').insert(transactions.map((name, position) => ({ monitor_id, name, position })));
  const ids: number[] = [0, ...(await db('transactions').where({ monitor_id }).orderBy('id').pluck('id'))];
  const until = Math.floor(to / hourMs) * hourMs - hourMs;
  let rows: RollupRow[] = [];
  for (let hour = Math.floor(from / hourMs) * hourMs; hour < until; hour += hourMs) {
    const age = Math.round((until - hour) / hourMs);
    if (hour % dayMs === 0) rows = await keep(db, monitor_id, rows);
    if (number % 10 === 6 && ((age > 4 && age < 9) || (age > 250 && age < 330))) continue;
    for (const [place, sentinel] of sentinels.entries()) {
      const at = { monitor_id, hour, sentinel_id: sentinel.id, location_id: sentinel.locationId };
      for (const [i, transaction_id] of ids.entries()) {
        rows.push({ ...at, transaction_id, ...hourOf({ number, place, age, i }), requested: 0, told: null });
      }
    }
  }
  await keep(db, monitor_id, rows);
  await db('closed_hours').insert({ monitor_id, until } satisfies ClosedHoursRow);
}

const isBusiness = businessHours({ timeZone: 'UTC', businessHours: usualBusinessHours });

/** Hours of a day and the day itself: of UTC, which is the customer's zone, with its usual business hours. Returns none. */
async function keep(db: CustomerDb, monitorId: string, hours: readonly RollupRow[]): Promise<RollupRow[]> {
  const day = Math.floor((hours[0]?.hour ?? 0) / dayMs) * dayMs;
  const rows = dayRows(hours, monitorId, { from: day, to: day + dayMs }, isBusiness);
  await db.transaction(async (trx) => {
    await insertAll(trx, 'rollups', hours);
    await insertAll(trx, 'day_rollups', rows);
  });
  return [];
}

interface Hour {
  number: number;
  place: number;
  age: number;
  i: number;
}

const madeHours = new Map<string, ReturnType<typeof makeHour>>();

/** Hours that are alike are made once: of a year of many locations that is one in forty. */
function hourOf(hour: Hour): ReturnType<typeof makeHour> {
  const { number, place, age, i } = hour;
  const day = Math.floor(age / 24);
  const mishaps = [
    Math.min(age, 6),
    (number * 7 + age) % 61 === 0,
    day > 1 && (day + number * 5) % 23 === 9 && age % 24 < 3,
  ];
  const alike = [number, place, i, (day * 5) % 7, age % 23, ...mishaps].join();
  const made = madeHours.get(alike) ?? makeHour(hour);
  madeHours.set(alike, made);
  return made;
}

function makeHour({ number, place, age, i }: Hour) {
  const figures = noFigures();
  const isSlow = number % 10 === 4 && age < 6;
  const day = Math.floor(age / 24);
  const ofDay = 1 + ((day * 5 + number * 3) % 7) / 30;
  const usual = ofDay * (i === 0 ? 4_800_000 : 250_000 + i * 90_000) * (1 + (number % 4) / 8 + place / 40);
  for (let n = 0; n < perHour; n++) {
    const fails =
      (number % 10 === 2 && place === 0 && age < 5 && n < 8) ||
      (n === 3 && (number * 7 + age) % 61 === 0) ||
      (n < 8 && day > 1 && (day + number * 5) % 23 === 9 && age % 24 < 3);
    const timeUs = Math.round(usual * (isSlow ? 2.2 : 1) * (1 + ((n * 37 + age * 11) % 23) / 60));
    const isLast = i === 0 || i === 2;
    addResult(
      figures,
      fails && isLast
        ? { outcome: 'failed', errorCode: 'TIMEOUT', timeUs: null }
        : { outcome: 'passed', errorCode: null, timeUs },
    );
  }
  return { ...toRollup(figures), expected: i === 0 ? perHour : 0 };
}

/** The runs of the last two hours. */
async function addRuns(
  db: CustomerDb,
  { monitorId, number }: Seeded,
  sentinels: readonly { id: string; locationId: string }[],
  now: number,
): Promise<void> {
  const from = Math.floor(now / hourMs) * hourMs - hourMs;
  for (const [place, sentinel] of sentinels.entries()) {
    const starts = Array.from({ length: 24 }, (_, n) => now - n * (hourMs / perHour) - 20_000 - place * 1000);
    const runs = starts
      .filter((startedAt) => startedAt >= from)
      .map((startedAt, n) => {
        const fails = number % 10 === 2 && place === 0;
        const usual = (n % 5) * 20_000 + 300_000;
        const flow = transactions.map((name, i) =>
          buildResult({ name, startUs: i * 900_000, durationUs: 800_000, responseUs: usual + i * 60_000 }),
        );
        const values = { monitorId, startedAt, durationUs: 4_700_000 + (n % 5) * 90_000 };
        return fails ? buildFailedRun(values) : buildRun({ ...values, transactions: flow });
      });
    await ingest(db, sentinel, runs, now);
  }
}
