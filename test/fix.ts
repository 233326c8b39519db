import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { writeCollectedData } from './collected-data.ts';
import { writeSchemaPage } from './schema-page.ts';

/** `npm run fix`: formats the source, mends what lint can mend by itself, and writes COLLECTED-DATA.md and the diagrams of db/README.md anew. */
const root = resolve(import.meta.dirname, '..');
const biome = resolve(root, 'node_modules/@biomejs/biome/bin/biome');
process.exitCode = spawnSync(process.execPath, [biome, 'check', '--write', root], { stdio: 'inherit' }).status ?? 1;
writeCollectedData();
await writeSchemaPage();
