import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type CollectedMessage, collected } from '../sentinel/protocol/collected.ts';
import { collectedDataFile, faultsOfCollectedData, renewedPage } from './collected-data.ts';

const page = readFileSync(collectedDataFile, 'utf8');

/** The messages with one field more. */
function withField(name: string, what: string): CollectedMessage[] {
  const [first, ...others] = collected();
  assert.ok(first);
  return [{ ...first, fields: [...first.fields, { name, what, optional: true, switches: [] }] }, ...others];
}

test('the page of what is sent is what the schemas say, with fields of fields and of lists', () => {
  assert.deepEqual(faultsOfCollectedData(page), []);
  for (const name of ['run.transactions[].pageLoads[].url', 'run.host.network.resolver', 'evidence.trace'])
    assert.ok(page.includes(`\`${name}\``), name);
});

test('a field that nobody described, or that the history does not have, fails the check', () => {
  assert.match(faultsOfCollectedData(page, withField('enrolment.shoeSize', '')).join(), /shoeSize has no description/);
  const described = withField('enrolment.shoeSize', 'Size of the shoes');
  assert.match(faultsOfCollectedData(page, described).join(), /shoeSize is in no entry of the history/);
  const renewed = renewedPage(page, '2030-01-02', described);
  assert.deepEqual(faultsOfCollectedData(renewed, described), []);
  assert.match(renewed, /### 2030-01-02\n\nSent from now on:\n\n- `enrolment\.shoeSize`\n/);
});

test('what is sent no more is noted, and what came and went on one day is not', () => {
  const described = withField('enrolment.shoeSize', 'Size of the shoes');
  const renewed = renewedPage(page, '2030-01-02', described);
  assert.equal(renewedPage(renewed, '2030-01-02').includes('shoeSize'), false);
  assert.match(renewedPage(renewed, '2030-01-03'), /### 2030-01-03\n\nSent no more:\n\n- `enrolment\.shoeSize`\n/);
});
