import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { Readable } from 'node:stream';
import type { CustomerId } from '../../db/customers.ts';
import { storeOf } from '../../server/archive/store.ts';

/*
 * For tests, as a program: `archive-worker.ts FOLDER` writes entries into the archive in that folder for ever, each of a file
 * and its hash, and says which ones are committed.
 */

const [archiveFolder = ''] = process.argv.slice(2);
const dataFolder = `${archiveFolder}-data`;
fs.mkdirSync(dataFolder);
const store = storeOf({ archiveFolder, dataFolder }, 'customer' as CustomerId);

for (let i = 1; ; i++) {
  const content = randomBytes(1 + Math.floor(Math.random() * 100_000));
  const hash = createHash('sha256').update(content).digest('hex');
  const draft = await store.begin(`entry-${i}`);
  await draft.write('content', Readable.from([content]));
  await draft.write('hash', Readable.from([hash]));
  await draft.commit();
  fs.writeSync(1, `\nhas entry-${i} ${hash}`);
  // So that the disk does not fill: what was carried away.
  if (i > 20) {
    fs.writeSync(1, `\nleaving entry-${i - 20}`);
    await store.remove(`entry-${i - 20}`);
  }
}
