import { SourceMap } from 'node:module';
import { basename } from 'node:path';
import { atomically } from '../../db/atomically.ts';
import type { AuthorKeyRow, MonitorRow, ScriptRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type {
  RollbackAnswer,
  RollbackWish,
  ScriptsAnswer,
  VersionAnswer,
  VersionSummary,
} from '../../scripts-library/publish/deployment.ts';
import { verifyStatement } from '../../sentinel/protocol/statement.ts';
import { type Actor, audit } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { trustedAuthorKeys } from './author-keys.ts';
import { tellChange } from './changes.ts';
import { latestVersion } from './monitors.ts';
import type { PreparedScript } from './prepare-script.ts';
import { neededOf, publishIn, statementOf } from './publish.ts';
import { checkRoom, readingOf } from './room.ts';

/** Every script with its newest version and who runs it, by name. */
export async function listScripts(db: CustomerDb): Promise<ScriptsAnswer['scripts']> {
  const monitors = await db<MonitorRow>('monitors').whereNull('retired_at').orderBy('name').select('name', 'script_id');
  const present = await presenter(db);
  const scripts: ScriptsAnswer['scripts'] = [];
  for (const { id, name } of await db<ScriptRow>('scripts').orderBy('name')) {
    const latest = await latestVersion(db, name);
    const own = monitors.filter((monitor) => monitor.script_id === id).map((monitor) => monitor.name);
    if (latest) scripts.push({ name, latest: present(latest), monitors: own });
  }
  return scripts;
}

/** The versions of a script, the newest first; undefined if there is no such script. */
export async function listVersions(db: CustomerDb, script: string): Promise<VersionSummary[] | undefined> {
  const rows: ScriptVersionRow[] = await versions(db, script).orderBy('version', 'desc').select('script_versions.*');
  return rows.length === 0 ? undefined : rows.map(await presenter(db));
}

/** One version with what its author wrote; undefined if there is none. */
export async function oneVersion(db: CustomerDb, script: string, version: number): Promise<VersionAnswer | undefined> {
  const row: ScriptVersionRow | undefined = await versions(db, script).where({ version }).first('script_versions.*');
  return row && { ...(await presenter(db))(row), ...authored(row, script), ...whatRuns(row) };
}

/**
 * Publishes the bundle of an earlier version as the newest version: numbers rise, so that no sentinel ever has to take
 * an older one. Throws `Refused`; undefined if there is no such version.
 */
export async function rollBack(
  server: ServerContext,
  customerId: CustomerId,
  script: string,
  { version, message, signed }: RollbackWish,
  actor: Required<Actor>,
): Promise<RollbackAnswer | undefined> {
  const at = server.now();
  const done = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const reading = await readingOf(trx, at);
      const row: ScriptVersionRow | undefined = await versions(trx, script)
        .where({ version })
        .first('script_versions.*');
      if (!row) return undefined;
      const own = signed && (await signedAgain(trx, customerId, row, signed));
      const { hosts, secrets, withDefault } = statementOf(row);
      const again: PreparedScript = {
        ...{
          name: script,
          bundle: row.bundle,
          sha256: row.sha256,
          hosts,
          secrets,
          withDefault,
          ...authored(row, script),
        },
        ...(own && { signed: own }),
      };
      const why = message ?? `back to version ${version}`;
      const published = await publishIn(trx, server, customerId, again, {
        at,
        author: actor.name,
        actor,
        message: why,
      });
      if (published.unchanged) throw new Refused(`version ${version} of ${script} is what runs now: nothing was done`);
      await checkRoom(trx, at, reading);
      const detail = { to: version, version: published.version };
      await audit(trx, { at, actor, action: 'script-rolled-back', subject: script, detail });
      return { script, version: published.version };
    }),
  );
  if (done) await tellChange(server, customerId);
  return done;
}

async function signedAgain(
  db: CustomerDb,
  customerId: CustomerId,
  row: ScriptVersionRow,
  signed: NonNullable<RollbackWish['signed']>,
): Promise<PreparedScript['signed']> {
  const verified = verifyStatement(signed, await trustedAuthorKeys(db), customerId);
  if (!verified.ok) throw new Refused(`the rollback is refused: ${verified.reason}`);
  const [was, is] = [statementOf(row), verified.statement];
  const said = ({ script, bundleSha256, hosts, secrets, withDefault }: typeof is) =>
    JSON.stringify([script, bundleSha256, hosts, secrets, withDefault]);
  if (said(was) !== said(is))
    throw new Refused(`the rollback is refused: what was signed is not version ${row.version}`);
  return { ...signed, version: is.version, keyId: is.keyId };
}

function whatRuns({ bundle, statement, signature }: ScriptVersionRow): Pick<VersionAnswer, 'bundle' | 'signed'> {
  return { bundle, signed: { statement, signature } };
}

function versions(db: CustomerDb, script: string) {
  return db('script_versions').join('scripts', 'scripts.id', 'script_versions.script_id').where('scripts.name', script);
}

async function presenter(db: CustomerDb): Promise<(row: ScriptVersionRow) => VersionSummary> {
  const ofAuthors = new Set<string>(await db<AuthorKeyRow>('author_keys').pluck('id'));
  return (row) => {
    const statement = statementOf(row);
    const { keyId, hosts } = statement;
    const secrets = neededOf(statement);
    const { version, sha256, author, message, created_at: createdAt } = row;
    return {
      ...{ version, sha256, author, message, createdAt, keyId, byAuthorKey: ofAuthors.has(keyId), hosts, secrets },
      defaults: statement.withDefault ?? [],
    };
  };
}

/** What the author wrote; of versions of before that was kept, what the bundle's source map holds. */
function authored({ files, bundle }: ScriptVersionRow, script: string): Pick<VersionAnswer, 'files' | 'path'> {
  if (files !== null) return JSON.parse(files);
  const [, encoded = ''] = /\/\/# sourceMappingURL=data:application\/json;[^,]*base64,(\S+)\s*$/.exec(bundle) ?? [];
  if (encoded === '') return { path: script, files: {} };
  const { sources, sourcesContent } = new SourceMap(JSON.parse(Buffer.from(encoded, 'base64').toString())).payload;
  const own = sources.find((name) => basename(name) === script) ?? script;
  return { path: own, files: Object.fromEntries(sources.map((name, i) => [name, sourcesContent[i] ?? ''])) };
}
