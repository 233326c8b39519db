import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { type Config, defineConfig, type MonitorConfig } from './define-config.ts';
import { inWords, milliseconds } from './duration.ts';
import { ConfigSchema } from './schema.ts';

const every: Required<MonitorConfig> = {
  ...{ name: 'Shop', script: 'shop.spec.ts', schedule: { every: '5 min' }, baseURL: 'https://shop.example/' },
  sentinels: { names: ['desk 12'], locations: ['Utrecht'], tags: ['vdi'] },
  ...{ use: { locale: 'nl-NL' }, variables: { LANG: 'nl' }, secrets: ['PIN'], hosts: ['login.example'] },
  ...{ thresholds: { Login: '2s' }, retries: 1, timeouts: { run: '2 min', test: '1.5 s', expect: '500 ms' } },
  evidence: { screenshot: 'page', quality: 80, width: 800, trace: true, whenPassed: 'never' },
  ...{ mask: ['#iban'], minSandboxLevel: 2, tags: ['web'], paused: false },
};

test('whatever the editor offers is taken', () => {
  // That it compiles says the same of types.
  const taken: (config: Config) => z.input<typeof ConfigSchema> = defineConfig;
  const { monitors } = ConfigSchema.parse(taken({ name: 'web-shop', project: 'b5a1f0c2', monitors: [every] }));
  assert.deepEqual(Object.keys(monitors[0] ?? {}).sort(), Object.keys(every).sort());
  assert.deepEqual(
    [monitors[0]?.schedule, monitors[0]?.thresholds, monitors[0]?.timeouts],
    [{ every: 300_000 }, { Login: 2000 }, { run: 120_000, test: 1500, expect: 500 }],
  );
});

test('lengths of time are read and written with their unit', () => {
  for (const text of ['500 ms', '90 s', '5 min', '1 h']) assert.equal(inWords(milliseconds(text) ?? 0), text);
  assert.deepEqual(['5', '5 minutes', '-1 s', ''].map(milliseconds), Array(4).fill(undefined));
});
