import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { atomically } from '../../db/atomically.ts';
import type { MonitorRow, ScriptRow, ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { bundle } from '../../scripts-library/publish/bundle.ts';
import { sign } from '../../scripts-library/publish/sign.ts';
import { ScriptStatement, Use } from '../../sentinel/protocol/messages.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { checkBaseUrl } from './base-url.ts';
import { tellChange } from './changes.ts';
import { checkUse } from './check-use.ts';
import { signedHost } from './host.ts';
import { signingKey } from './script-keys.ts';

export interface NewScript {
  /** A file on this machine, or a file name and its text. */
  script: { file: string } | { name: string; source: string };
  /** Who wrote it. */
  author: string;
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

/**
 * Checks, bundles, signs and stores a script. It becomes the next version of the script of that file name, and the
 * monitors of that script run it from now on. Throws `ScriptRefused` with its faults, or `Refused`.
 */
export async function publish(server: ServerContext, customerId: CustomerId, input: NewScript): Promise<Published> {
  const { name, bundled } = await bundleFrom(input.script);
  const { id: keyId, privateKey } = signingKey(server, customerId);
  const at = server.now();
  const content = {
    ...{ customerId, script: name, bundleSha256: bundled.sha256, keyId, signedAt: at },
    hosts: [...new Set([...bundled.hosts, ...(input.hosts ?? []).map(signedHost)])].sort(),
    secrets: [...new Set(bundled.secrets)].sort(),
  };
  const published = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const { scriptId, latest } = await latestOf(trx, name);
      if (latest && same(statementOf(latest), content)) return present(statementOf(latest), true);
      const statement = checked({ ...content, version: (latest?.version ?? 0) + 1 });
      const row = {
        ...sign(statement, privateKey),
        sha256: bundled.sha256,
        bundle: bundled.code,
        author: input.author,
      };
      const version: ScriptVersionRow = { ...row, script_id: scriptId, version: statement.version, created_at: at };
      await trx('script_versions').insert(version);
      await moveMonitors(trx, statement, bundled.code, { scriptId, latest });
      const detail = { version: statement.version, sha256: bundled.sha256, author: input.author };
      await audit(trx, { at, actor: input.actor ?? commandLine, action: 'script-published', subject: name, detail });
      return present(statement, false);
    }),
  );
  if (!published.unchanged) await tellChange(server, customerId);
  return published;
}

/** What was signed of a stored version. */
export function statementOf(version: Pick<ScriptVersionRow, 'statement'>): ScriptStatement {
  return ScriptStatement.parse(JSON.parse(version.statement));
}

async function bundleFrom(script: NewScript['script']) {
  if ('file' in script) return { name: basename(script.file), bundled: await bundle(script.file) };
  const name = basename(script.name);
  const folder = mkdtempSync(join(tmpdir(), 'vedette-publish-'));
  try {
    writeFileSync(join(folder, name), script.source);
    return { name, bundled: await bundle(join(folder, name)) };
  } finally {
    rmSync(folder, { recursive: true });
  }
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
  const said = ({ customerId, bundleSha256, keyId, hosts, secrets }: Content) =>
    JSON.stringify([customerId, bundleSha256, keyId, hosts, secrets]);
  return said(before) === said(now);
}

function checked(statement: ScriptStatement): ScriptStatement {
  const parsed = ScriptStatement.safeParse(statement);
  if (parsed.success) return parsed.data;
  throw new Refused(
    `the script cannot be published: ${parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
  );
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
): Promise<void> {
  const before = latest && statementOf(latest);
  for (const row of await db<MonitorRow>('monitors').where({ script_id: scriptId })) {
    const use = Use.parse(JSON.parse(row.use));
    checkBaseUrl(row.name, use.baseURL, statement);
    checkUse(row.name, use, bundle);
    const variables: Record<string, string> = JSON.parse(row.variables);
    const readsAll = before && row.secrets === JSON.stringify(secretsFor(before, variables));
    const secrets = readsAll ? JSON.stringify(secretsFor(statement, variables)) : row.secrets;
    await db<MonitorRow>('monitors').where({ id: row.id }).update({ script_version: statement.version, secrets });
  }
}

function present(statement: ScriptStatement, unchanged: boolean): Published {
  const { script, version, bundleSha256: sha256, hosts, secrets } = statement;
  return { script, version, sha256, hosts, secrets, unchanged };
}
