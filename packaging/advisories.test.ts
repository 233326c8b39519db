import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowedList, findingsIn, judged } from './advisories.ts';

const via = {
  source: 1,
  name: 'left',
  title: 'It leans',
  url: 'https://github.com/advisories/GHSA-aaaa',
  severity: 'high',
};
const report = JSON.stringify({ vulnerabilities: { left: { via: [via] }, right: { via: ['left', via] } } });
const day = (text: string) => Date.parse(`${text}T12:00:00Z`);

test('a weakness is told once, and allowed with a reason until its date, not a day longer', () => {
  const findings = findingsIn(report);
  assert.deepEqual(findings, [{ advisory: 'GHSA-aaaa', library: 'left', severity: 'high', title: 'It leans' }]);
  assert.match(judged(findings, [], day('2026-01-01')).wrong.join(), /update the library, or allow it/);
  const allowed = allowedList('[{ "advisory": "GHSA-aaaa", "why": "it is never leant on", "until": "2026-03-01" }]');
  assert.deepEqual(judged(findings, allowed, day('2026-03-01')).wrong, []);
  assert.match(judged(findings, allowed, day('2026-03-02')).wrong.join(), /allowed until 2026-03-01: update/);
  assert.throws(() => allowedList('[{ "advisory": "GHSA-aaaa", "why": "it is never leant on" }]'), /until/);
});

test('where the advisory service is out of reach, that is said, and nothing is taken for well', () => {
  for (const answer of ['', 'x', '{"error":{"code":"ENOTFOUND"}}', '{"message":"request failed"}']) {
    assert.throws(() => findingsIn(answer), /the advisory service could not be asked.*npm ping/);
  }
  assert.deepEqual(findingsIn('{"vulnerabilities":{}}'), []);
});
