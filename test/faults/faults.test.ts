import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ioErrors } from './io-errors.ts';
import { killPoints } from './kill-points.ts';
import type { Report } from './report.ts';

const isLong = process.env.VEDETTE_LONG === '1';
const [points, syncs] = isLong ? [600, 100] : [30, 4];
/** A restart may change what comes after it, so that the last calls of a few rounds are never reached. */
const reached = 0.8;

/** What was found, which is figures and no fault. */
async function found(cause: (folder: string, rounds: number) => Promise<Report>, rounds: number) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vedette-faults-'));
  try {
    const report = await cause(folder, rounds);
    if ('notRun' in report) throw new Error(report.notRun);
    assert.deepEqual(report.faults, []);
    return report.figures;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

test('killed at any system call on its files, a spool has all it confirmed, none altered, and accounts for each run', async (t) => {
  const figures = await found(killPoints, points);
  assert.ok((figures.points ?? 0) >= reached * points, JSON.stringify(figures));
  assert.ok((figures.runsConfirmed ?? 0) > points);
  t.diagnostic(JSON.stringify(figures));
});

test('when a sync fails the spool refuses what it was storing, keeps what it has, and takes it when it is asked again', async (t) => {
  const figures = await found(ioErrors, syncs);
  assert.ok((figures.refused ?? 0) > 0, JSON.stringify(figures));
  t.diagnostic(JSON.stringify(figures));
});
