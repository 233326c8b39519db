import { createPrivateKey } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { replacePrivateFile } from '../../certs/private-file.ts';
import { atomically } from '../../db/atomically.ts';
import type { AuthorKeyRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import { newScriptKey, scriptKeyOf, sign } from '../../scripts-library/publish/sign.ts';
import { scriptKeyFile } from '../accounts/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { statementOf } from './publish.ts';
import { beforeFile } from './script-keys.ts';

/**
 * Gives a customer another key for scripts and signs every version of its own anew, each with the number it has; authors' stay. Sentinels are told
 * both keys until that is done. Cut short, it is ended by doing it again.
 */
export async function renewScriptKey(
  server: ServerContext,
  id: CustomerId,
): Promise<{ keyId: string; versions: number }> {
  const file = scriptKeyFile(server, id);
  replacePrivateFile(beforeFile(server, id), JSON.stringify(scriptKeyOf(readFileSync(file, 'utf8'))));
  const key = newScriptKey();
  replacePrivateFile(file, key.privateKeyPem);
  const privateKey = createPrivateKey(key.privateKeyPem);
  const versions = await server.customers.use(id, (db) =>
    atomically(db, async (trx) => {
      const all: ScriptVersionRow[] = await trx<ScriptVersionRow>('script_versions').select('*');
      const ofAuthors = new Set<string>(await trx<AuthorKeyRow>('author_keys').pluck('id'));
      const rows = all.filter((row) => !ofAuthors.has(statementOf(row).keyId));
      for (const row of rows) {
        const signed = sign({ ...statementOf(row), keyId: key.id }, privateKey);
        const { script_id, version } = row;
        await trx<ScriptVersionRow>('script_versions').where({ script_id, version }).update(signed);
      }
      return rows.length;
    }),
  );
  rmSync(beforeFile(server, id));
  return { keyId: key.id, versions };
}
