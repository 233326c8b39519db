import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What made a piece of the archive, with its version. */
export const software = `Vedette ${JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version}`;
