/*
 * Makes `schema.ts` anew from the server's OpenAPI document: `node server/console/api/generate.ts`. The document is asked
 * of the server's own program, not imported, since the console knows the server by its API alone.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

const root = new URL('../../../', import.meta.url);
export const schemaFile = new URL('schema.ts', import.meta.url);

/** The text of `schema.ts` as the server's document wants it now. */
export async function makeSchema(): Promise<string> {
  const print = new URL('server/http/openapi-print.ts', root);
  const document = execFileSync(process.execPath, [print.pathname], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return COMMENT_HEADER + astToString(await openapiTS(document));
}

if (import.meta.main) fs.writeFileSync(schemaFile, await makeSchema());
