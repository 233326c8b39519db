import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildAssignment, bundle } from '../build-assignment.ts';
import { EvidencePolicy } from '../protocol/messages.ts';
import type { RunRequest } from '../runner/runner.ts';
import { statementOf } from '../settings/narrow.ts';
import { Pictures } from './pictures.ts';

const hour = 3_600_000;

function buildRequest(wishes: Partial<RunRequest> = {}): RunRequest {
  const statement = statementOf(buildAssignment({}));
  assert.ok(statement);
  const given = { use: {}, variables: {}, secrets: {}, timeoutMs: 30_000, maskSelectors: [], hosts: [] };
  const policy = EvidencePolicy.parse({ whenPassed: 'daily' });
  return { id: 'id', monitorId: 'm', dueAt: 1, statement, bundle, evidence: policy, ...given, ...wishes };
}

function buildPictures(): { pictures: Pictures; anew: () => Pictures } {
  const known = new Map<string, { of: string; at: number }>();
  const memory = {
    pictured: (id: string) => known.get(id),
    picture: (id: string, of: string, at: number) => void known.set(id, { of, at }),
  };
  return { pictures: new Pictures(memory), anew: () => new Pictures(memory) };
}

test('the first run that passes takes pictures, and then one a day, over a restart and a clock that was set too', () => {
  const { pictures, anew } = buildPictures();
  const request = buildRequest();
  assert.ok(pictures.areDue(request, 0));
  pictures.ended(request, 'passed', 0); // it had not been asked to take any
  assert.ok(pictures.areDue(request, 1));
  pictures.ended({ ...request, picturesWhenPassed: true }, 'passed', 24 * hour);
  for (const [at, areDue] of [
    [25, false],
    [47, false],
    [48, true],
    [0, true],
  ] as const) {
    assert.equal(pictures.areDue(request, at * hour), areDue, `${at}`);
    assert.equal(anew().areDue(request, at * hour), areDue, `${at} after a restart`);
  }
});

test('another version, address or mask is seen at once; what asks for no picture never is', () => {
  const { pictures } = buildPictures();
  const request = buildRequest();
  pictures.ended({ ...request, picturesWhenPassed: true }, 'passed', 0);
  assert.ok(!pictures.areDue(buildRequest(), 1));
  assert.ok(pictures.areDue(buildRequest({ statement: { ...request.statement, bundleSha256: 'b'.repeat(64) } }), 1));
  assert.ok(pictures.areDue(buildRequest({ use: { baseURL: 'https://other.example' } }), 1));
  assert.ok(pictures.areDue(buildRequest({ maskSelectors: ['#iban'] }), 1));
  for (const less of [{ screenshot: 'none' }, { whenPassed: 'never' }] as const)
    assert.ok(
      !pictures.areDue(
        buildRequest({ monitorId: 'n', evidence: EvidencePolicy.parse({ whenPassed: 'daily', ...less }) }),
        1,
      ),
    );
});

test('a monitor that goes wrong takes none until it has passed again', () => {
  const { pictures } = buildPictures();
  const request = buildRequest();
  pictures.ended({ ...request, picturesWhenPassed: true }, 'failed', 0);
  assert.ok(!pictures.areDue(request, 1));
  pictures.ended(request, 'skipped', 2);
  assert.ok(!pictures.areDue(request, 3));
  pictures.ended(request, 'passed', 4);
  assert.ok(pictures.areDue(request, 5));
});
