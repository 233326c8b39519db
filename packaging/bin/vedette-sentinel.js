#!/usr/bin/env -S node --max-semi-space-size=1 --
// With `--`, because Node takes an --env-file anywhere before one for its own, also after the program's name.
import { sentinelCli } from '../sentinel/cli.js';

await sentinelCli();
