import type { RunRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { sourceOf } from '../../sentinel/protocol/bundle-source.ts';
import { errorCodes } from '../../sentinel/protocol/error-codes.ts';
import type { ShownError } from './shapes.ts';

type ErrorColumns = Pick<RunRow, 'error_code' | 'error_message' | 'error_location'>;

const linesAround = 3;

/** The script that was run, as it was published: told of only where one of the rows names a place in it. */
export async function bundleFor(
  db: CustomerDb,
  { script_sha256: sha256 }: Pick<RunRow, 'script_sha256'>,
  rows: readonly ErrorColumns[],
): Promise<string> {
  if (rows.every((row) => row.error_location === null)) return '';
  const found = await db<ScriptVersionRow>('script_versions').where({ sha256 }).first('bundle');
  return found?.bundle ?? '';
}

/** What went wrong, with its meaning and the author's lines; null if nothing did. */
export function shownError(row: ErrorColumns, bundle: string): ShownError | null {
  if (row.error_code === null) return null;
  const known = Object.entries(errorCodes).find(([code]) => code === row.error_code);
  const location: ShownError['location'] = row.error_location === null ? null : JSON.parse(row.error_location);
  return {
    code: row.error_code,
    meaning: known?.[1].meaning ?? 'an error that this server does not know',
    message: row.error_message ?? '',
    location,
    source: location && linesOf(bundle, location),
  };
}

function linesOf(bundle: string, { file, line }: { file: string; line: number }): ShownError['source'] {
  const lines = sourceOf(bundle, file)?.text.split(/\r?\n/);
  if (lines?.[line - 1] === undefined) return null;
  const from = Math.max(1, line - linesAround);
  return { from, lines: lines.slice(from - 1, line + linesAround) };
}
