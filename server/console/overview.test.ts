import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MonitorState, Overview } from './api/types.ts';
import { change, countStates, groupsOf, hourAt, mergedStrip, readView, sections, writeView } from './overview.ts';

const figures = { availability: 1, coverage: 1, p95Us: null, p95BeforeUs: null };
const empty = { passed: [1], failed: [0], errored: [0], p95Us: [10], slow: [false] };

function place(locationId: string, state: MonitorState = 'up', strip = empty) {
  return { locationId, state, ...figures, strip };
}

function monitor(name: string, state: MonitorState, places = [place('u', state)]): Overview['monitors'][number] {
  return { id: name, name, script: `${name}.spec.ts`, tags: [], state, since: null, trouble: null, ...figures, places };
}

const overview: Overview = {
  rule: '',
  hours: [0],
  locations: [
    { id: 'd', name: 'Delft' },
    { id: 'u', name: 'Utrecht' },
  ],
  monitors: [
    monitor('Intranet', 'up'),
    { ...monitor('Mail', 'up'), availability: 0.98, tags: ['office', 'web'] },
    monitor('Shop', 'failing', [place('d'), place('u', 'failing')]),
    monitor('Wiki', 'paused'),
  ],
};

function told(search: string) {
  return sections(overview, readView(search)).map(({ title, rows }) => [title, rows.map((row) => row.monitor.name)]);
}

test('the worst monitors come first: by state, then by availability, then by name', () => {
  assert.deepEqual(told(''), [[null, ['Shop', 'Mail', 'Intranet', 'Wiki']]]);
});

test('the filter looks at names, scripts and locations, and at the state', () => {
  assert.deepEqual(told('q=SHOP.spec'), [[null, ['Shop']]]);
  assert.deepEqual(told('q=delft'), [[null, ['Shop']]]);
  assert.deepEqual(told('state=up'), [[null, ['Mail', 'Intranet']]]);
  assert.deepEqual(told('q=mail&state=failing'), [[null, []]]);
});

test('grouped by location each monitor stands at each of its locations, with its state there; the worst group first', () => {
  assert.deepEqual(told('group=location'), [
    ['Utrecht', ['Shop', 'Intranet', 'Mail', 'Wiki']],
    ['Delft', ['Shop']],
  ]);
  assert.deepEqual(told('group=location&state=failing'), [['Utrecht', ['Shop']]]);
  assert.deepEqual(told('group=script')[0], ['Shop.spec.ts', ['Shop']]);
  assert.deepEqual(told('group=tag'), [
    ['Without a tag', ['Shop', 'Intranet', 'Wiki']],
    ['office', ['Mail']],
    ['web', ['Mail']],
  ]);
  assert.deepEqual(told('q=office'), [[null, ['Mail']]]);
  assert.deepEqual(groupsOf(overview), ['tag', 'location', 'script']);
  assert.deepEqual(groupsOf({ ...overview, locations: [], monitors: [] }), []);
});

test('the view is in the address, beside what else is there', () => {
  const view = { typed: 'sh op', state: 'noData', group: 'script' } as const;
  const search = writeView(view, 'period=7d');
  assert.deepEqual([readView(search), new URLSearchParams(search).get('period')], [view, '7d']);
  assert.deepEqual(readView('state=fine&group=colour'), { typed: '', state: undefined, group: 'none' });
  assert.equal(writeView(readView(''), 'q=x&state=up'), '');
});

test('an hour is told by what failed in it, then by what was slow', () => {
  const strip = {
    passed: [0, 9, 19, 1, 5, 0],
    failed: [0, 0, 1, 1, 4, 0],
    errored: [0, 0, 0, 0, 0, 2],
    p95Us: [],
    slow: [false, true, true, false, false, false],
  };
  const hours = strip.passed.map((_, i) => hourAt(strip, i));
  assert.deepEqual(hours, ['none', 'slow', 'failing1', 'failing3', 'failing2', 'errored']);
  assert.equal(hourAt(empty, 0), 'passed');
});

test('all places in one strip add up, of times the longest', () => {
  const other = { passed: [2], failed: [1], errored: [0], p95Us: [30], slow: [true] };
  const silent = { passed: [0], failed: [0], errored: [0], p95Us: [null], slow: [false] };
  const merged = mergedStrip([place('a'), place('b', 'up', other), { strip: silent }]);
  assert.deepEqual(merged, { passed: [3], failed: [1], errored: [0], p95Us: [30], slow: [true] });
  assert.deepEqual(mergedStrip([]).passed, []);
});

test('monitors are counted by state, and a change needs both times', () => {
  assert.deepEqual(
    [...countStates(overview.monitors)],
    [
      ['failing', 1],
      ['degraded', 0],
      ['noData', 0],
      ['up', 2],
      ['paused', 1],
    ],
  );
  assert.deepEqual(
    [change(12, 10)?.toFixed(2), change(null, 1), change(1, null), change(1, 0)],
    ['0.20', null, null, null],
  );
});
