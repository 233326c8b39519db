import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedUse, faultsOfUse } from './use.ts';

test('options of Playwright, those passed over and those the script declares are all right', () => {
  const use = {
    baseURL: 'https://shop.example/app',
    viewport: null,
    locale: 'nl-NL',
    timezoneId: 'Europe/Amsterdam',
    geolocation: { latitude: 52.1, longitude: 5.1 },
    httpCredentials: { username: 'demo', password: 'x', origin: 'https://shop.example' },
    ...{ trace: 'on', screenshot: 'only-on-failure', headless: false, video: 'off', browserName: 'chromium' },
  };
  assert.deepEqual(faultsOfUse(use), []);
  assert.deepEqual(faultsOfUse({ video: { mode: 'off' } }), []);
  assert.deepEqual(faultsOfUse({ shopName: 4 }, new Set(['shopName'])), []);
});

test('each fault is told in a sentence that says what was expected, or which name is near', () => {
  const faults: [object, RegExp][] = [
    [{ locle: 'nl-NL' }, /^locle is no option of Playwright's.*Did you mean locale\?$/],
    [{ basUrl: 'x' }, /Did you mean baseURL\?$/],
    [{ somethingElse: 1 }, /^somethingElse is no option of Playwright's that a sentinel knows.*declares\.$/],
    [{ video: 'on' }, /^video is refused: a sentinel records no video/],
    [{ video: { mode: 'on' } }, /^video is refused/],
    [{ proxy: { server: 'x' } }, /^proxy is refused: everything goes through the gate/],
    [{ browserName: 'firefox' }, /^browserName is refused: a sentinel has Chromium alone/],
    [{ locale: 'not a locale' }, /^locale: must be a locale/],
    [{ timezoneId: 'Mars' }, /^timezoneId: must be a time zone/],
    [{ viewport: { width: 'wide' } }, /^viewport\.width: .*number/],
    [{ baseURL: 'shop' }, /^baseURL: /],
  ];
  for (const [use, sentence] of faults) assert.match(faultsOfUse(use as Record<string, unknown>)[0] ?? '', sentence);
});

test('null takes an option away, unless it is a value of that option', () => {
  const before = { locale: 'nl-NL', viewport: { width: 1, height: 1 }, shopName: 4, tea: null };
  assert.deepEqual(changedUse(before, { locale: null, viewport: null, shopName: null, hasTouch: true }), {
    ...{ viewport: null, tea: null, hasTouch: true },
  });
  assert.deepEqual(changedUse(before), before);
});
