import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { buildHome } from '../build-home.ts';
import { buildRun } from '../build-run.ts';
import { openSeal } from '../seal.ts';
import { Spool } from './spool.ts';

test('room is kept on the disk, given back to a removal that finds none, and taken again when there is some', () => {
  using home = buildHome();
  const reserve = path.join(home.folder, 'spool.sqlite.reserve');
  const atCommits: boolean[] = [];
  let isFull = false;
  /** A disk that is full as long as the room is kept. */
  class FullDisk extends DatabaseSync {
    override exec(sql: string): void {
      if (sql === 'COMMIT') atCommits.push(fs.existsSync(reserve));
      if (sql === 'COMMIT' && isFull && atCommits.at(-1)) {
        throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      }
      super.exec(sql);
    }
  }
  const settings = { file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') };
  using spool = new Spool({ ...settings, openDatabase: (file) => new FullDisk(file), reserveBytes: 5000 });
  const run = buildRun();
  spool.add(run, []);
  assert.equal(fs.statSync(reserve).size, 5000);
  assert.equal(fs.statSync(reserve).mode & 0o077, 0);

  isFull = true;
  atCommits.length = 0;
  spool.acknowledge([run.id]);
  assert.deepEqual(atCommits, [true, false]);
  assert.equal(spool.depth().waiting, 0);

  isFull = false;
  spool.add(buildRun(), []);
  assert.equal(fs.statSync(reserve).size, 5000);
});

test('where there is no room to keep, a spool works without', () => {
  using home = buildHome();
  fs.mkdirSync(path.join(home.folder, 'spool.sqlite.reserve', 'in-the-way'), { recursive: true });
  const settings = { file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') };
  using spool = new Spool(settings);
  spool.add(buildRun(), []);
  assert.equal(spool.depth().waiting, 1);
});
