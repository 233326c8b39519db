import fs from 'node:fs';
import { z } from 'zod';
import { packageFile } from './runner/places.ts';

/** Version of this sentinel. */
export const version = z
  .object({ version: z.string() })
  .parse(JSON.parse(fs.readFileSync(packageFile, 'utf8'))).version;
