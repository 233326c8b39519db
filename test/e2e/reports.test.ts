import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { expect } from 'playwright/test';
import type { Page } from 'playwright-core';
import { count, duration, share } from '../../server/console/format.ts';
import { type ColumnName, ServiceReport, type ServiceRow } from '../../server/reports/service/shapes.ts';
import { setTarget } from '../../server/reports/service/targets.ts';
import { ReportAnswer } from '../../server/reports/shapes.ts';
import { type ConsoleWorld, consoleWorld } from './console-world.ts';
import { sheetsOf } from './sheets.ts';

/* Reports as a service manager uses them: what is agreed on is typed, the report is read, printed and taken away. */

const patience = { timeout: 60_000 };
const pictures = resolve(import.meta.dirname, '../out');
const dayMs = 86_400_000;
const day = (ago: number) => new Date(Date.now() - ago * dayMs).toISOString().slice(0, 10);
/** Whole days, all of them rolled up. */
const period = `${day(3)}..${day(2)}`;
const hostile = `=1+1 "Pay, roll" <b>`;
let world: ConsoleWorld;
let page: Page;
let at: string;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  const name = (i: number) => ['Web shop', hostile][i] ?? '';
  world = await consoleWorld({ monitors: 2, locations: 2, days: 4, role: 'author', name });
  const tagged = { tags: JSON.stringify(['Office']) };
  await world.world.context.customers.use(world.customerId, (db) =>
    db('monitors').whereIn('name', [hostile]).update(tagged),
  );
  page = await world.open();
  at = `${world.world.server.url}/c/${world.customerId}`;
});

after(() => world[Symbol.asyncDispose]());

async function ask(path: string): Promise<{ status: number; body: Buffer }> {
  const url = `/api/v1/customers/${world.customerId}/service-report${path}`;
  const { status, text } = await page.evaluate(async (to) => {
    const answer = await fetch(to);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return { status: answer.status, text: [...bytes].map((byte) => String.fromCharCode(byte)).join('') };
  }, url);
  return { status, body: Buffer.from(text, 'latin1') };
}

const reportOf = async (query: string) => ServiceReport.parse(JSON.parse((await ask(`?${query}`)).body.toString()));

test('an author types what was agreed on, and the report says by shape and word what was met', async () => {
  await page.goto(`${at}/targets`);
  const shop = page.getByRole('region', { name: 'Web shop' });
  for (const [transaction, availability, seconds] of [
    ['Whole run', '99,5', ''],
    ['Login', '99.9', '0.1'],
    ['Order', '', '5'],
  ] as const) {
    await shop.getByRole('button', { name: `Set… ${transaction}` }).click(patience);
    const dialog = page.getByRole('dialog', { name: `Target of Web shop: ${transaction}` });
    await dialog.getByLabel('Availability at least').fill(availability || 'x');
    if (availability === '') {
      await dialog.getByRole('button', { name: 'Save' }).click();
      await expect(dialog.getByRole('alert')).toHaveText(/a number from 0 to 100/);
      await dialog.getByLabel('Availability at least').fill('');
    }
    await dialog.getByLabel('95th percentile at most').fill(seconds);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden(patience);
  }
  await expect(shop.getByRole('row', { name: /^Login ≥ 99.9 % ≤ 100 ms All hours by alice/ })).toBeVisible();
  await page.screenshot({ path: join(pictures, 'targets.png'), fullPage: true });
  await page.goto(`${at}/reports?period=${period}`);
  const login = page.getByRole('row', { name: /^Login/ }).last();
  await expect(login).toContainText(/≤ 100 ms\s*missed/, patience);
  const row = rowsOf(await reportOf(`period=${period}`), 'transactions', 'Web shop').find(
    (one) => one.transaction === 'Login',
  );
  assert.deepEqual([row?.p95Met, row?.availabilityTarget], [false, 0.999]);
  await expect(login).toContainText(row?.availabilityMet ? /≥ 99.9 %\s*met/ : /≥ 99.9 %\s*missed/);
  await expect(page.getByText(/^\d of 4$/).first()).toBeVisible();
});

test('each report is chosen with a click and kept in the address, at every width and in the dark', async () => {
  for (const [name, template, heading] of [
    ['Applications', 'applications', 'Applications'],
    ['Locations', 'locations', 'Location 2 Monitors by location'],
    ['Worst transactions', 'worst-transactions', 'Took longest'],
    ['Coverage', 'coverage', 'Location 1 Monitors by location'],
  ] as const) {
    await page.getByRole('button', { name, exact: true }).click();
    await expect(page.getByRole('heading', { name: heading, level: 3 })).toBeVisible(patience);
    assert.equal(new URL(page.url()).searchParams.get('template'), template);
    await page.screenshot({ path: join(pictures, `report-${template}.png`), fullPage: true });
  }
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Took longest' })).toBeVisible(patience);
  await page.goto(`${at}/reports?period=${period}`);
  await expect(page.locator('[data-report=service-level]')).toBeVisible(patience);
  await page.screenshot({ path: join(pictures, 'report-service-level.png'), fullPage: true });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: join(pictures, 'report-service-level-dark.png'), fullPage: true });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 320, height: 740 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
  await page.screenshot({ path: join(pictures, 'report-service-level-phone.png'), fullPage: true });
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('what can’t be reported says so, and what to do', async () => {
  await page.goto(`${at}/reports?period=2199`);
  await expect(page.getByRole('alert')).toContainText('has not begun', patience);
  await page.getByRole('button', { name: 'Show the last month' }).click();
  await page.goto(`${at}/reports?period=2021-05`);
  await expect(page.getByText('Nothing was measured in this period')).toBeVisible(patience);
  await page.goto(`${at}/reports?period=nonsense`);
  await expect(page.getByRole('alert')).toContainText('must be as in 2026-10', patience);
});

function rowsOf(report: ServiceReport, name: string, of: string | null): ServiceRow[] {
  return report.tables.find((table) => table.name === name && table.of === of)?.rows ?? [];
}

test('the paper says the same as the page, on numbered sheets', async () => {
  await page.goto(`${at}/reports?period=${period}`);
  await page.getByRole('button', { name: 'Export' }).click(patience);
  const arrived = page.waitForEvent('download', patience);
  await page.getByRole('menuitem', { name: 'PDF' }).click();
  const download = await arrived;
  assert.equal(download.suggestedFilename(), `Service level Aurora ${period}.pdf`);
  const file = join(pictures, 'report.pdf');
  await download.saveAs(file);
  const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
  const report = await reportOf(`period=${period}`);
  assert.ok(text.includes(report.customer) && text.includes(report.timeZone) && /\b1 ?\/ ?\d\b/.test(text), text);
  for (const word of report.rule.split(' ')) assert.ok(text.includes(word), `${word} of the rule`);
  for (const { monitor, ...row } of report.tables
    .filter(({ name }) => name === 'monitors')
    .flatMap(({ rows }) => rows)) {
    const figures = [share(row.availability), share(row.coverage), count(row.passed), count(row.failed)];
    assertLine(text, [monitor ?? '', ...figures, duration(row.p50Us), duration(row.p95Us)]);
  }
  for (const row of report.tables.filter(({ name }) => name === 'transactions').flatMap(({ rows }) => rows)) {
    const figures = [count(row.passed), count(row.failed), share(row.availability)];
    assertLine(text, [row.transaction ?? 'Whole run', ...figures, duration(row.p50Us), duration(row.p95Us)]);
  }
});

/** One line of the text has all of these, in this order. */
function assertLine(text: string, parts: readonly string[]): void {
  const isIn = (line: string) => parts.reduce((from, part) => (from < 0 ? -1 : line.indexOf(part, from)), 0) >= 0;
  assert.ok(text.split('\n').some(isIn), `no line has ${parts.join(' … ')}:\n${text}`);
}

test('every cell of a sheet is the figure of the API, as a number', async () => {
  const names = ['service-level', 'applications', 'worst-transactions', 'coverage'] as const;
  for (const template of names) {
    const query = `template=${template}&period=${period}`;
    const report = await reportOf(query);
    const { body } = await ask(`/export?${query}&format=xlsx`);
    writeFileSync(join(pictures, `report-${template}.xlsx`), body);
    const sheets = sheetsOf(body);
    assert.equal(sheets.Reports?.[1]?.[1], 'Aurora');
    const byName = Map.groupBy(report.tables, ({ name }) => name);
    const told = Object.entries(sheets).slice(1);
    assert.equal(told.length, byName.size);
    for (const [i, tables] of [...byName.values()].entries()) {
      const [head, ...rows] = told[i]?.[1] ?? [];
      const columns = tables[0]?.columns.map(({ name }) => name) ?? [];
      const shift = tables[0]?.of === null ? 0 : 1;
      assert.equal(head?.length, columns.length + shift);
      const all = tables.flatMap((table) => table.rows);
      assert.equal(rows.length, all.length);
      for (const [n, row] of all.entries()) {
        const cells = columns.map((_, column) => rows[n]?.[column + shift] ?? null);
        assert.deepEqual(
          cells,
          columns.map((column) => cellOf(column, row)),
          `${told[i]?.[0]} ${n}`,
        );
      }
    }
  }
});

function cellOf(name: ColumnName, row: ServiceRow): string | number | null {
  if (name === 'day' || name === 'month') return row.from / dayMs + 25_569;
  if (name === 'transaction') return row.transaction ?? 'Whole run';
  if (name === 'hours') return 'All hours';
  if (name === 'codes')
    return (
      Object.entries(row.codes)
        .map((pair) => pair.join(' '))
        .join(', ') || null
    );
  if (name === 'skippedBy') return null;
  const value = row[name];
  if (typeof value === 'boolean') return value ? 'met' : 'missed';
  return name.endsWith('Us') && typeof value === 'number' ? value / 1e6 : value;
}

test('the other files have the same figures, and every export is in the audit trail', async () => {
  const report = await reportOf(`period=${period}`);
  const { generatedAt, ...json } = JSON.parse((await ask(`/export?period=${period}&format=json`)).body.toString());
  assert.deepEqual(json, JSON.parse(JSON.stringify({ ...report, logo: undefined })));
  assert.ok(generatedAt > report.period.to);
  const csv = (await ask(`/export?period=${period}&format=csv`)).body.toString();
  const lines = csv.trimEnd().split('\r\n');
  assert.equal(lines.length, 1 + report.tables.reduce((sum, { rows }) => sum + rows.length, 0));
  assert.ok(csv.includes(`"'=1+1 ""Pay, roll"" <b>"`), csv);
  const entries = await world.world.context.customers.use(world.customerId, (db) =>
    db('audit').where({ action: 'report-exported' }).orderBy('id').pluck('subject'),
  );
  assert.equal(entries[0], `Service level Aurora ${period}.pdf`);
  assert.equal(entries.length, 7);
});

test('what is held against business hours is counted in them, whatever the report counts', async () => {
  const [, id = ''] = world.monitorIds;
  const wish = { hours: 'business', availability: 0.5, p95Us: null } as const;
  const by = { actor: { kind: 'server' }, now: Date.now() } as const;
  await world.world.context.customers.use(world.customerId, (db) =>
    setTarget(db, id, { transaction: 'Login', ...wish }, by),
  );
  // A whole week, so that there are business hours in it.
  const week = `${day(8)}..${day(2)}`;
  const row = rowsOf(await reportOf(`period=${week}`), 'transactions', hostile).find((one) => one.hours === 'business');
  const asked = `from=${row?.from}&to=${row?.to}&businessHours=true&transaction=Login&step=day`;
  const { body } = await ask(`/../monitors/${id}/report?${asked}`);
  const { series } = ReportAnswer.parse(JSON.parse(body.toString()));
  const login = series.find(({ transaction }) => transaction === 'Login')?.points ?? [];
  assert.ok(row && row.passed > 0);
  assert.equal(
    row.passed,
    login.reduce((sum, { passed }) => sum + passed, 0),
  );
  assert.equal(
    row.failed,
    login.reduce((sum, { failed }) => sum + failed, 0),
  );
});

test('of a year only months are told in which there was something to measure', async () => {
  const year = day(2).slice(0, 4);
  const { tables, until } = await reportOf(`period=${year}`);
  const months = tables[0]?.rows ?? [];
  assert.ok(months.length >= 2 && months.length <= 4, `${months.length} months of two monitors`);
  assert.ok(months.every(({ from, expected }) => from < until && (expected ?? 0) > 0));
  const whole = months.filter(({ monitor }) => monitor === 'Web shop').map(({ from, to }) => to - from);
  assert.ok(whole.every((length) => length >= 28 * dayMs));
});

test('a logo is drawn anew and heads the report', async () => {
  await page.goto(`${at}/targets`);
  const logo = readFileSync(resolve(import.meta.dirname, '../../docs/images/monitor.webp'));
  const choose = page.getByLabel('Choose a picture…').first();
  await choose.setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') });
  await expect(page.getByRole('alert')).toContainText('not a PNG, JPEG or WebP picture', patience);
  await choose.setInputFiles({ name: 'logo.webp', mimeType: 'image/webp', buffer: logo });
  await expect(page.getByRole('img', { name: 'Logo' }), 'who leaves before would end the upload').toBeVisible(patience);
  await page.goto(`${at}/reports?period=${period}`);
  await expect(page.getByRole('img', { name: 'Logo of Aurora' })).toHaveAttribute(
    'src',
    /^data:image\/webp;base64,/,
    patience,
  );
});
