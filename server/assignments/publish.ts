import { randomUUID } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { atomically } from '../../db/atomically.ts';
import type { AuthorKeyRow, MonitorRow, ScriptRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { ScriptWish } from '../../scripts-library/publish/deployment.ts';
import { sign } from '../../scripts-library/publish/sign.ts';
import { ScriptStatement, Use } from '../../sentinel/protocol/messages.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { checkBaseUrl } from './base-url.ts';
import { tellChange } from './changes.ts';
import { checkUse } from './check-use.ts';
import { fromFile, fromFiles, type PreparedScript } from './prepare-script.ts';
import { checkRoom, readingOf } from './room.ts';
import { signingKey } from './script-keys.ts';

export interface NewScript {
  /** A file on this machine, a file name and its text, or several texts. */
  script: { file: string } | { name: string; source: string } | Pick<ScriptWish, 'path' | 'files'>;
  /** Who wrote it. */
  author: string;
  /** Why, in the author's words. */
  message?: string | undefined;
  /** `host` or `host:port` it may reach beside those that its text names, such as that of a monitor's baseURL. */
  hosts?: readonly string[];
  actor?: Actor;
}

export interface Published {
  script: string;
  version: number;
  sha256: string;
  hosts: string[];
  secrets: string[];
  /** The latest version was this already, and stays. */
  unchanged: boolean;
}

/** Who publishes, when and why. */
export interface Publishing {
  at: number;
  author: string;
  actor: Actor;
  message?: string | undefined;
  /** Monitors whose settings are about to be set, which fit the new version then. */
  beingSet?: ReadonlySet<string>;
  /** The configuration that does: it exchanges no script beneath the monitors of another one. */
  owner?: string;
}

/**
 * Checks, bundles, signs and stores a script. It becomes the next version of the script of that file name, and the
 * monitors of that script run it from now on. Throws `ScriptRefused` with its faults, or `Refused`.
 */
export async function publish(server: ServerContext, customerId: CustomerId, input: NewScript): Promise<Published> {
  const { script, author, message, hosts = [], actor = commandLine } = input;
  const prepared =
    'file' in script
      ? await fromFile(script.file, dirname(script.file), hosts)
      : await fromFiles({ ...('files' in script ? script : oneFile(script)), hosts: [...hosts] });
  const how = { at: server.now(), author, actor, message };
  const published = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const reading = await readingOf(trx, how.at);
      const published = await publishIn(trx, server, customerId, prepared, how);
      await checkRoom(trx, how.at, reading); // a version may name more hosts and secrets than the one before
      return published;
    }),
  );
  if (!published.unchanged) await tellChange(server, customerId);
  return published;
}

function oneFile({ name, source }: { name: string; source: string }): Pick<ScriptWish, 'path' | 'files'> {
  return { path: basename(name), files: { [basename(name)]: source } };
}

/** The same with a script that is prepared, in a transaction that is there. */
export async function publishIn(
  trx: CustomerDb,
  server: ServerContext,
  customerId: CustomerId,
  script: PreparedScript,
  how: Publishing,
): Promise<Published> {
  const { id: keyId, privateKey } = signingKey(server, customerId);
  const { name, sha256, hosts, secrets, withDefault, signed } = script;
  const { scriptId, latest } = await latestOf(trx, name);
  const content = { customerId, script: name, bundleSha256: sha256, hosts, secrets, withDefault, signedAt: how.at };
  const whose = { ...content, keyId: signed?.keyId ?? keyId };
  if (latest && same(statementOf(latest), whose)) return present(statementOf(latest), true);
  const version = (latest?.version ?? 0) + 1;
  if (signed && signed.version !== version)
    throw new Refused(`${name} was signed as version ${signed.version}, and the next one is ${version}: sign it again`);
  if (!signed && latest) await checkNotAuthors(trx, statementOf(latest));
  const statement = signed ? statementOf(signed) : checked({ ...whose, version });
  const text = signed ? { statement: signed.statement, signature: signed.signature } : sign(statement, privateKey);
  const row: ScriptVersionRow = {
    ...{ ...text, script_id: scriptId, version, sha256, bundle: script.bundle, created_at: how.at },
    ...{ author: how.author, message: how.message ?? null },
    files: JSON.stringify({ path: script.path, files: script.files }),
  };
  await trx('script_versions').insert(row);
  await moveMonitors(trx, statement, script.bundle, { scriptId, latest }, how);
  const detail = { version, sha256, author: how.author, ...(how.message && { message: how.message }) };
  await audit(trx, { at: how.at, actor: how.actor, action: 'script-published', subject: name, detail });
  return present(statement, false);
}

/** What was signed of a stored version. */
export function statementOf(version: Pick<ScriptVersionRow, 'statement'>): ScriptStatement {
  return ScriptStatement.parse(JSON.parse(version.statement));
}

/** Sentinels that trust authors' keys alone would refuse what the server signs, and nobody be told why. */
async function checkNotAuthors(db: CustomerDb, { script, keyId }: ScriptStatement): Promise<void> {
  const key = await db<AuthorKeyRow>('author_keys').where({ id: keyId }).whereNull('revoked_at').first('name');
  if (!key) return;
  throw new Refused(
    `${script} is signed with the author key ${keyId} (${key.name}), and the server can't sign in its place: ` +
      'publish it with that key, as in vedette deploy --key FILE',
  );
}

async function latestOf(db: CustomerDb, name: string) {
  await db<ScriptRow>('scripts').insert({ id: randomUUID(), name }).onConflict('name').merge(['name']);
  const script = await db<ScriptRow>('scripts').where({ name }).first();
  if (!script) throw new Error(`the script ${name} was not stored`);
  const latest = await db<ScriptVersionRow>('script_versions')
    .where({ script_id: script.id })
    .orderBy('version', 'desc')
    .first();
  return { scriptId: script.id, latest };
}

type Content = Omit<ScriptStatement, 'version' | 'rollback'>;

function same(before: ScriptStatement, now: Content): boolean {
  const said = ({ customerId, bundleSha256, keyId, hosts, secrets, withDefault }: Content) =>
    JSON.stringify([customerId, bundleSha256, keyId, hosts, secrets, withDefault]);
  return said(before) === said(now);
}

function checked(statement: ScriptStatement): ScriptStatement {
  const parsed = ScriptStatement.safeParse(statement);
  if (parsed.success) return parsed.data;
  throw new Refused(
    `the script cannot be published: ${parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
  );
}

/** The secrets without which a script is not run. */
export function neededOf({ secrets, withDefault = [] }: Pick<ScriptStatement, 'secrets' | 'withDefault'>): string[] {
  return secrets.filter((name) => !withDefault.includes(name));
}

/** The secrets that a monitor of this script reads, unless it was told otherwise: all but what it gives as plain values. */
export function secretsFor({ secrets }: ScriptStatement, variables: Record<string, string>): string[] {
  return secrets.filter((name) => !Object.hasOwn(variables, name));
}

/**
 * Monitors that read all secrets of the version before read all of the new one; others keep their choice. One whose
 * address the new version may not reach, or whose options it does not have, is not broken in passing: `Refused`.
 */
async function moveMonitors(
  db: CustomerDb,
  statement: ScriptStatement,
  bundle: string,
  { scriptId, latest }: Awaited<ReturnType<typeof latestOf>>,
  { beingSet, owner }: Publishing,
): Promise<void> {
  const before = latest && statementOf(latest);
  for (const row of await db<MonitorRow>('monitors').where({ script_id: scriptId })) {
    if (owner !== undefined && row.retired_at === null) checkOwn(row, statement.script, owner);
    const variables: Record<string, string> = JSON.parse(row.variables);
    const readsAll = before && row.secrets === JSON.stringify(secretsFor(before, variables));
    const secrets = readsAll ? JSON.stringify(secretsFor(statement, variables)) : row.secrets;
    if (row.retired_at === null && !beingSet?.has(row.name)) {
      const use = Use.parse(JSON.parse(row.use));
      checkBaseUrl(row.name, use.baseURL, statement);
      checkUse(row.name, use, bundle);
    }
    await db<MonitorRow>('monitors').where({ id: row.id }).update({ script_version: statement.version, secrets });
  }
}

function checkOwn({ name, managed_by }: MonitorRow, script: string, owner: string): void {
  if (managed_by === null || managed_by === owner) return;
  throw new Refused(
    `the monitor "${name}" of the configuration "${managed_by}" runs a script called ${script} too, and would run this one ` +
      `from now on: give the file another name, as in ${owner}-${script}`,
  );
}

function present(statement: ScriptStatement, unchanged: boolean): Published {
  const { script, version, bundleSha256: sha256, hosts, secrets } = statement;
  return { script, version, sha256, hosts, secrets, unchanged };
}
