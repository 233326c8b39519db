import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { customerId } from './build-assignment.ts';
import { buildHome } from './build-home.ts';
import { writeConfig } from './config.ts';
import { status, statusText } from './status.ts';

test('a spool that can not be read is said, and hides nothing else', () => {
  using home = buildHome();
  writeConfig(home.folder, {
    ...{ server: 'https://vedette.example:8443', ca: '-----BEGIN CERTIFICATE-----', pins: [`${'A'.repeat(43)}=`] },
    ...{ sentinelId: customerId, customer: { id: customerId, name: 'Acme' }, location: 'Utrecht', name: 'Desk 7' },
    enrolledAt: 1,
  });
  fs.writeFileSync(path.join(home.folder, 'spool.sqlite'), 'no database '.repeat(100));
  const found = status(home.folder);
  assert.match(
    found.problems[0] ?? '',
    /^the spool can't be read \(.*\): a start of the sentinel sets a damaged one aside/,
  );
  assert.match(statusText(found), /^Sentinel +Desk 7 at Utrecht, for Acme$/m);
});
