#!/usr/bin/env -S node --
// With `--`, because Node takes an --env-file anywhere before one for its own, also after the program's name.
import { start } from './start.js';

await start('scripts-library/cli.ts');
