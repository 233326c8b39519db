import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceTimeZone } from './time-zone.ts';

test("the device's time zone is the one in which pages and scripts tell dates", () => {
  assert.equal(deviceTimeZone(), Intl.DateTimeFormat().resolvedOptions().timeZone);
});
