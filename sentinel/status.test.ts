import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildTrial, customerId, scriptKey } from './build-assignment.ts';
import { buildHome } from './build-home.ts';
import { writeConfig } from './config.ts';
import { status, statusText } from './status.ts';

const config = {
  ...{ server: 'https://vedette.example:8443', ca: '-----BEGIN CERTIFICATE-----', pins: [`${'A'.repeat(43)}=`] },
  ...{ sentinelId: customerId, customer: { id: customerId, name: 'Acme' }, location: 'Utrecht', name: 'Desk 7' },
  enrolledAt: 1,
};

test('a draft that an author wants tried here is shown as such, until its time is over', () => {
  using home = buildHome();
  writeConfig(home.folder, config);
  const trials = [buildTrial(), buildTrial({ name: 'old.spec.ts, tried by bob', until: Date.now() - 1 })];
  const assignments = { assignments: [], trials, scriptKeys: [scriptKey], pins: config.pins, serverTime: 1 };
  fs.writeFileSync(path.join(home.folder, 'assignments.json'), JSON.stringify({ assignments }));
  assert.match(statusText(status(home.folder)), /^Trials +shop.spec.ts, tried by alice$/m);
});

test('a spool that can not be read is said, and hides nothing else', () => {
  using home = buildHome();
  writeConfig(home.folder, config);
  fs.writeFileSync(path.join(home.folder, 'spool.sqlite'), 'no database '.repeat(100));
  const found = status(home.folder);
  assert.match(
    found.problems[0] ?? '',
    /^the spool can't be read \(.*\): a start of the sentinel sets a damaged one aside/,
  );
  assert.match(statusText(found), /^Sentinel +Desk 7 at Utrecht, for Acme$/m);
});
