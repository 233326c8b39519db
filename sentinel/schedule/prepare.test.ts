import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildAssignment, bundle, customerId, scriptKey } from '../build-assignment.ts';
import type { Assignment } from '../protocol/messages.ts';
import { trustScript } from '../script-trust.ts';
import { prepare, type Sources } from './prepare.ts';

function sources(assignment: Assignment, wishes: Partial<Sources> = {}): Sources {
  return {
    trusted: trustScript(assignment, { keys: [scriptKey], customerId, highestVersion: () => 0 }),
    bundle: () => ({ state: 'here', code: bundle }),
    secret: (name) => `value of ${name}`,
    sandboxLevel: 3,
    ...wishes,
  };
}

function prepared(assignment: Assignment, wishes: Partial<Sources> = {}) {
  return prepare({ assignment, dueAt: 5 }, 'id', sources(assignment, wishes));
}

test('a trusted script gets the secrets that both its monitor and its signed statement name, and no others', () => {
  const found = prepared(
    buildAssignment({ secrets: ['A', 'B', 'C'] }, { secrets: ['B', 'C', 'D'], hosts: ['shop:80'] }),
  );
  assert.ok(found.kind === 'ready');
  assert.deepEqual(found.request.secrets, { B: 'value of B', C: 'value of C' });
  assert.deepEqual([found.request.hosts, found.request.bundle, found.request.dueAt], [['shop:80'], bundle, 5]);
});

test('a secret that is not there is named, with the command that sets it', () => {
  const found = prepared(buildAssignment({ secrets: ['A'] }, { secrets: ['A'] }), { secret: () => undefined });
  assert.ok(found.kind === 'refused');
  assert.equal(found.code, 'SECRET_MISSING');
  assert.match(found.message, /the secret A, .*`vedette-sentinel secret set A`/);
});

test('what the script has a value for itself may be missing, and is handed out where it is there', () => {
  const assignment = buildAssignment({ secrets: ['A', 'B'] }, { secrets: ['A', 'B'], withDefault: ['A', 'B'] });
  const found = prepared(assignment, { secret: (name) => (name === 'A' ? 'value of A' : undefined) });
  assert.ok(found.kind === 'ready');
  assert.deepEqual(found.request.secrets, { A: 'value of A' });
});

test('a vault that does not open is this run’s fault alone', () => {
  const found = prepared(buildAssignment({ secrets: ['A'] }, { secrets: ['A'] }), {
    secret: () => {
      throw new Error('the vault is damaged');
    },
  });
  assert.deepEqual(found, { kind: 'refused', code: 'SECRET_MISSING', message: 'the vault is damaged' });
});

test('an untrusted or altered script is refused, whatever else is there', () => {
  const untrusted = prepared(buildAssignment({}, { keyId: 'stranger' }));
  const altered = prepared(buildAssignment(), { bundle: () => ({ state: 'altered' }) });
  for (const found of [untrusted, altered]) assert.equal(found.kind === 'refused' && found.code, 'SCRIPT_UNTRUSTED');
});

test('a bundle that has not come yet is waited for, and nobody is blamed', () => {
  assert.deepEqual(prepared(buildAssignment(), { bundle: () => ({ state: 'missing' }) }), { kind: 'waiting' });
});

test('a script whose monitor asks for a higher sandbox level than this sentinel has is not run', () => {
  const wanted = buildAssignment({ minSandboxLevel: 3 });
  const found = prepared(wanted, { sandboxLevel: 1 });
  assert.ok(found.kind === 'refused');
  assert.equal(found.code, 'SENTINEL_SANDBOX');
  assert.match(found.message, /asks for sandbox level 3, and this sentinel has 1/);
  for (const level of [1, 2, 3])
    assert.equal(prepared(buildAssignment({ minSandboxLevel: level }), { sandboxLevel: level }).kind, 'ready');
});
