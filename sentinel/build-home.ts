import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** For tests: an empty home folder that is gone afterwards; in `below`. */
export function buildHome(below = os.tmpdir()) {
  const folder = fs.mkdtempSync(path.join(below, 'vedette-home-'));
  return { folder, [Symbol.dispose]: () => fs.rmSync(folder, { recursive: true, force: true }) };
}
