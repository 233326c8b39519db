import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consoleOpenApi } from '../app.ts';
import { serverConfig } from '../config.ts';
import { openContext } from './context.ts';

/* Prints the OpenAPI document of the console's API, from which the console's client is generated. */

const dataFolder = mkdtempSync(join(tmpdir(), 'vedette-openapi-'));
try {
  await using server = await openContext(serverConfig({ dataFolder }, {}));
  process.stdout.write(`${JSON.stringify(consoleOpenApi(server), null, 2)}\n`);
} finally {
  rmSync(dataFolder, { recursive: true });
}
