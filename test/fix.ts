import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** `npm run fix`: formats the source and mends what lint can mend by itself. */
const root = resolve(import.meta.dirname, '..');
const biome = resolve(root, 'node_modules/@biomejs/biome/bin/biome');
process.exitCode = spawnSync(process.execPath, [biome, 'check', '--write', root], { stdio: 'inherit' }).status ?? 1;
