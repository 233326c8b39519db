import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNoScreenshot } from './why-no-screenshot.ts';

test('a run without a screenshot says why: of one that came back from the archive none is on its way', () => {
  const failed = { outcome: 'failed', evidenceMissing: null, restored: null } as const;
  assert.match(whyNoScreenshot(failed), /has not arrived yet/);
  const restored = { month: '2025-03', until: 1 };
  assert.match(whyNoScreenshot({ ...failed, restored }), /none when its month was archived/);
  assert.match(whyNoScreenshot({ ...failed, outcome: 'passed', restored }), /of runs that go wrong/);
  assert.equal(
    whyNoScreenshot({ ...failed, restored, evidenceMissing: 'The quota is used up.' }),
    'The quota is used up.',
  );
});
