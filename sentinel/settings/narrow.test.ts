import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildAssignment, bundle } from '../build-assignment.ts';
import { EvidencePolicy } from '../protocol/messages.ts';
import { inBoth } from '../runner/gate/hosts.ts';
import type { RunRequest } from '../runner/runner.ts';
import { narrowed, refusals, statementOf } from './narrow.ts';
import type { Settings } from './settings.ts';

const evidence = EvidencePolicy.parse({ trace: true, whenPassed: 'daily' });

function buildRequest(hosts: string[]): RunRequest {
  const statement = statementOf(buildAssignment({}, { hosts }));
  assert.ok(statement);
  const given = { use: {}, variables: {}, secrets: {}, timeoutMs: 30_000, maskSelectors: [] };
  return { id: 'id', monitorId: 'm', dueAt: 1, statement, bundle, hosts, evidence, ...given };
}

test('a script reaches what both its author signed and this device allows, by host and port', () => {
  const cases: [string[], string[], string[]][] = [
    [['shop.example'], ['shop.example'], ['shop.example']],
    [['shop.example'], ['SHOP.example:8443'], ['SHOP.example:8443']],
    [['shop.example:8443'], ['shop.example'], ['shop.example:8443']],
    [['shop.example:8443'], ['shop.example:443'], []],
    [['shop.example', 'pay.example'], ['pay.example', 'news.example'], ['pay.example']],
    [['[::1]:80'], ['::1'], ['[::1]:80']],
    [['shop.example'], [], []],
  ];
  for (const [signed, allowed, both] of cases) {
    assert.deepEqual(inBoth(signed, allowed), both, `${signed} and ${allowed}`);
    assert.deepEqual(narrowed(buildRequest(signed), { hosts: allowed }).hosts, both);
  }
  assert.deepEqual(narrowed(buildRequest(['shop.example']), {}).hosts, ['shop.example']);
});

test('settings take away evidence and never add any', () => {
  const off = narrowed(buildRequest([]), { screenshots: 'never', traces: 'never' }).evidence;
  assert.deepEqual([off.screenshot, off.trace], ['none', false]);
  const noPictures = narrowed(buildRequest([]), { screenshots: 'never' }).evidence;
  assert.deepEqual([noPictures.screenshot, noPictures.trace], ['none', false], 'a trace shows pages as a picture does');
  const noTexts = narrowed(buildRequest([]), { pageTexts: 'never' });
  assert.deepEqual(
    [noTexts.pageTexts, noTexts.evidence.trace, noTexts.evidence.screenshot],
    ['never', false, 'viewport'],
  );
  const on: Settings = { screenshots: 'on-failure', traces: 'when-asked' };
  assert.deepEqual(narrowed(buildRequest([]), on).evidence, { ...evidence, whenPassed: 'never' });
  assert.deepEqual(narrowed(buildRequest([]), {}).evidence, evidence);
  const trial = { ...buildRequest([]), looksAtEnd: true } as const;
  const lookedAt = [{}, { pageTexts: 'never' }, on, { screenshots: 'never' }, { pageTexts: 'on-failure' }] as const;
  assert.deepEqual(
    lookedAt.map((settings) => narrowed(trial, settings).looksAtEnd),
    [true, undefined, undefined, undefined, undefined],
  );
  assert.deepEqual(
    lookedAt.map((settings) => narrowed(buildRequest([]), settings).evidence.whenPassed),
    ['daily', 'never', 'never', 'never', 'never'],
  );
  const less = { ...buildRequest([]), evidence: { ...evidence, screenshot: 'none', trace: false } as const };
  assert.deepEqual(narrowed(less, {}).evidence, less.evidence);
});

test('a run is held to the processor time and memory that the device allows', () => {
  const { most } = narrowed(buildRequest([]), { cpuSecondsPerRun: 5, memoryMiBPerRun: 512 });
  assert.deepEqual(most, { cpuMs: 5000, memoryBytes: 512 * 1024 * 1024 });
});

test('what the server asks for and is refused is named by monitor and setting, and nothing else is', () => {
  const greedy = buildAssignment({ evidence }, { hosts: ['shop.example:443', 'pay.example', 'cdn.example'] });
  const modest = buildAssignment(
    { evidence: EvidencePolicy.parse({ screenshot: 'none' }) },
    { hosts: ['shop.example'] },
  );
  const settings: Settings = { hosts: ['shop.example'], screenshots: 'never', traces: 'never', trustedKeys: ['AAAA'] };
  const refused = refusals([greedy, modest], settings);
  assert.deepEqual(
    refused.map(({ monitorId, setting, asked }) => [monitorId === greedy.monitorId, setting, asked]),
    [
      [true, 'hosts', 'to reach pay.example, cdn.example'],
      [true, 'screenshots', 'a picture of what went wrong'],
      [true, 'traces', 'a trace of what went wrong'],
      [true, 'trustedKeys', 'to run shop.spec.ts, signed with the key key-1'],
      [false, 'trustedKeys', 'to run shop.spec.ts, signed with the key key-1'],
    ],
  );
  assert.deepEqual(
    refusals([greedy], { screenshots: 'never' }).map(({ setting }) => setting),
    ['screenshots', 'screenshots'],
  );
  assert.deepEqual(
    refusals([greedy, modest], { screenshots: 'on-failure' }).map(({ setting, asked }) => [setting, asked]),
    [['screenshots', 'a picture of what passed']],
  );
  assert.deepEqual(
    refusals([greedy], { pageTexts: 'never' }).map(({ setting, asked }) => [setting, asked]),
    [
      ['pageTexts', 'a picture of what passed'],
      ['pageTexts', 'a trace of what went wrong'],
    ],
  );
  const alike = buildAssignment({ evidence: EvidencePolicy.parse({}) });
  assert.deepEqual(refusals([alike], { pageTexts: 'on-failure' }), [], 'a server that knows of none asks for none');
  assert.deepEqual(refusals([greedy, modest], {}), []);
});
