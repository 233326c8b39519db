import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MonitorForm } from './api/types.ts';
import { type MaintenanceDraft, maintenanceWish, wishAgain } from './maintenance-draft.ts';
import { draftOf, goneOf, isMeant, newDraft, scheduleOf, wishOf } from './monitor-draft.ts';

const evidence = { screenshot: 'viewport', quality: 60, width: 1000, trace: false, whenPassed: 'daily' } as const;
const monitor: MonitorForm = {
  ...{ id: 'm', name: 'Web shop', script: 'shop.spec.ts', everyMs: 300_000, paused: false, timeoutMs: 60_000 },
  ...{ baseURL: 'https://shop.test/', otherOptions: [], variables: { A: 'b=c' }, maskSelectors: ['.iban', '#name'] },
  ...{ thresholds: { '': 9_000_000, Login: 1_500_000 }, sentinels: { locations: ['Delft'], tags: ['vdi'] } },
  ...{ tags: ['web', 'office'], managedBy: null, transactions: ['Login'] },
  policy: { evidence, confirmFailures: true, minSandboxLevel: 2 },
};

test('a monitor that is opened in the form and saved is what it was, with what the form does not show', () => {
  const wish = wishOf(draftOf(monitor), monitor);
  const { id: _, baseURL, otherOptions: _o, managedBy: _m, transactions: _t, ...rest } = monitor;
  const sentinels = { names: [], locations: ['Delft'], tags: ['vdi'] };
  assert.deepEqual(wish, { ...rest, use: { baseURL }, sentinels });
});

test('a sentinel runs a monitor by its name, its location or one of its tags', () => {
  const desk = { name: 'desk 7', location: 'Delft', tags: ['vdi', 'thin'] };
  const some = { ...newDraft, chosen: true };
  assert.equal(isMeant(newDraft, desk), 'with others');
  assert.equal(isMeant(some, desk), false);
  assert.equal(isMeant({ ...some, names: ['desk 7'] }, desk), 'alone');
  assert.equal(isMeant({ ...some, names: ['desk 7'], locations: ['Delft'] }, desk), 'with others');
  assert.equal(isMeant({ ...some, sentinelTags: ['thin'] }, desk), 'with others');
  assert.deepEqual(wishOf({ ...some, name: 'A', script: 'a', sentinelTags: ['thin'] }, undefined).sentinels, {
    names: [],
    locations: [],
    tags: ['thin'],
  });
});

test('names and locations of a choice that are not there any more are told, so that they can be taken out', () => {
  const desk = { name: 'desk 7', location: 'Delft' };
  const some = { ...newDraft, chosen: true, names: ['desk 7', 'desk 8'], locations: ['Delft', 'Zwolle'] };
  assert.deepEqual(goneOf(some, [desk]), { names: ['desk 8'], locations: ['Zwolle'] });
  assert.deepEqual(goneOf(newDraft, []), { names: [], locations: [] });
});

test('what is typed becomes a schedule: an interval or set times, with a zone only where one counts', () => {
  assert.deepEqual(scheduleOf({ ...newDraft, every: '0.5', timeZone: 'Europe/Amsterdam' }), { everyMs: 30_000 });
  const timed = { ...newDraft, by: 'cron', cron: ' 0 6 * * * ', timeZone: 'Europe/Amsterdam' } as const;
  assert.deepEqual(scheduleOf(timed), { cron: '0 6 * * *', timeZone: 'Europe/Amsterdam' });
  assert.deepEqual(scheduleOf({ ...newDraft, hours: 'mon 08:00-09:00' }), {
    everyMs: 300_000,
    hours: 'mon 08:00-09:00',
  });
});

test('what is missing or no number is said in a sentence', () => {
  const fit = { ...newDraft, name: 'Shop', script: 'shop.spec.ts' };
  const wrong: [object, RegExp][] = [
    [{ name: ' ' }, /name/],
    [{ script: '' }, /script/],
    [{ chosen: true }, /sentinel/],
    [{ timeout: 'long' }, /above 0/],
    [{ thresholds: { Login: '-1' } }, /Login: write a number/],
    [{ variables: 'no value' }, /NAME=value/],
  ];
  for (const [more, says] of wrong) assert.throws(() => wishOf({ ...fit, ...more }, undefined), says);
  assert.deepEqual(wishOf({ ...fit, thresholds: { '': '2,5', Login: '' } }, undefined).thresholds, { '': 2_500_000 });
});

test('maintenance is planned once or each week, and a removal is taken back as it was', () => {
  const draft: MaintenanceDraft = {
    ...{ kind: 'weekly', monitorId: '', reason: ' backup ', from: '23:30', to: '01:00', days: ['sat', 'sun'] },
    ...{ firstDay: '2026-11-22', lastDay: '2026-11-23' },
  };
  const weekly = maintenanceWish(draft);
  assert.deepEqual([weekly.hours, weekly.reason], ['sat 23:30-01:00, sun 23:30-01:00', 'backup']);
  assert.equal(weekly.to - weekly.from, 2 * 86_400_000);
  const once = maintenanceWish({ ...draft, kind: 'once', from: '2026-11-22T10:00', to: '2026-11-22T11:00' });
  assert.deepEqual([once.to - once.from, once.hours], [3_600_000, undefined]);
  for (const more of [{ reason: '' }, { days: [] }, { from: '' }])
    assert.throws(() => maintenanceWish({ ...draft, ...more }), { name: 'Error' });
  const { from, to, hours = null, reason } = weekly;
  const about = { id: 'x', timeZone: 'UTC', addedBy: 'alice', addedAt: 0 };
  assert.deepEqual(wishAgain({ ...about, monitorId: null, from, to, hours, reason }), weekly);
});
