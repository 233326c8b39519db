import { randomUUID } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { MonitorRow, SentinelRow, TrialRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { sign } from '../../scripts-library/publish/sign.ts';
import { type ScriptStatement, type Trial, Use } from '../../sentinel/protocol/messages.ts';
import { checkBaseUrl } from '../assignments/base-url.ts';
import { tellChange } from '../assignments/changes.ts';
import { checkUse } from '../assignments/check-use.ts';
import { policyOf } from '../assignments/policy.ts';
import { fromFiles, type PreparedScript } from '../assignments/prepare-script.ts';
import { secretsFor } from '../assignments/publish.ts';
import { checkRoom, readingOf } from '../assignments/room.ts';
import { signingKey } from '../assignments/script-keys.ts';
import { type Actor, audit } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import type { TrialWish } from './shapes.ts';

/** Nobody looks at a page longer for a result to come. */
const waitsForMs = 600_000;
const mostOpen = 5;
const minuteMs = 60_000;
const usualTimeoutMs = 60_000;

type Settings = Omit<Trial, 'trialId' | 'name' | 'script' | 'askedAt' | 'until'>;

/**
 * Has one sentinel run a draft once, at its next chance; returns the trial's id, undefined if there is no such sentinel or
 * monitor. The draft is signed under a name of its own, with versions that rise by the minute. Throws `ScriptRefused`, `Refused`.
 */
export async function tryDraft(
  server: ServerContext,
  customerId: CustomerId,
  { sentinelId, monitorId, baseURL, variables = {}, ...draft }: TrialWish,
  actor: Required<Actor>,
): Promise<string | undefined> {
  const hosts = [...draft.hosts, ...(monitorId === undefined ? hostOf(baseURL) : [])];
  const script = await fromFiles({ ...draft, hosts });
  const at = server.now();
  const statement = statementOf(server, customerId, script, at);
  const id = randomUUID();
  const isAsked = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const reading = await readingOf(trx, at);
      const sentinel = await trx<SentinelRow>('sentinels').where({ id: sentinelId, revoked_at: null }).first('name');
      const monitor = monitorId && (await trx<MonitorRow>('monitors').where({ id: monitorId }).first());
      if (!sentinel || (monitorId !== undefined && !monitor)) return false;
      await refuseMany(trx, sentinelId, at);
      const settings = monitor ? settingsOf(monitor, statement, script) : usual(baseURL, variables, statement);
      const row: TrialRow = {
        ...{ id, sentinel_id: sentinelId, script: script.name, sha256: script.sha256, bundle: script.bundle },
        files: JSON.stringify({ path: script.path, files: script.files }),
        ...sign(statement, signingKey(server, customerId).privateKey),
        settings: JSON.stringify(settings),
        ...{ asked_by: actor.name, asked_at: at, until_at: at + waitsForMs },
        ...{ fetched_at: null, run: null, received_at: null },
      };
      await trx('trials').insert(row);
      await checkRoom(trx, at, reading);
      const detail = { trialId: id, sentinel: sentinel.name, sha256: script.sha256 };
      await audit(trx, { at, actor, action: 'script-tried', subject: script.name, detail });
      return true;
    }),
  );
  if (!isAsked) return undefined;
  await tellChange(server, customerId);
  return id;
}

function hostOf(baseURL: string | undefined): string[] {
  if (baseURL === undefined) return [];
  if (URL.canParse(baseURL)) return [new URL(baseURL).host];
  throw new Refused(`"${baseURL}" is no whole address such as https://shop.example/`);
}

function statementOf(
  server: ServerContext,
  customerId: CustomerId,
  { name, sha256, hosts, secrets, withDefault }: PreparedScript,
  at: number,
): ScriptStatement {
  const { id: keyId } = signingKey(server, customerId);
  const version = Math.floor(at / minuteMs);
  const draft = { customerId, script: `${name} (draft)`, version, bundleSha256: sha256, hosts, secrets, withDefault };
  return { ...draft, keyId, signedAt: at };
}

async function refuseMany(db: CustomerDb, sentinel_id: string, now: number): Promise<void> {
  const open = await db<TrialRow>('trials').where({ sentinel_id, run: null }).where('until_at', '>', now).pluck('id');
  if (open.length >= mostOpen)
    throw new Refused(`${open.length} drafts wait to be tried on this sentinel already: wait for them`);
}

/** As the monitor's next run would have it. */
function settingsOf(row: MonitorRow, statement: ScriptStatement, { bundle }: PreparedScript): Settings {
  const use = Use.parse(JSON.parse(row.use));
  checkBaseUrl(row.name, use.baseURL, statement);
  checkUse(row.name, use, bundle);
  const variables: Record<string, string> = JSON.parse(row.variables);
  const { confirmFailures: _, ...policy } = policyOf(row);
  return {
    ...{ timeoutMs: row.timeout_ms, use, variables, secrets: secretsFor(statement, variables) },
    maskSelectors: JSON.parse(row.mask_selectors),
    ...policy,
  };
}

function usual(baseURL: string | undefined, variables: Record<string, string>, statement: ScriptStatement): Settings {
  const { confirmFailures: _, ...policy } = policyOf({ policy: null });
  const use = baseURL === undefined ? {} : { baseURL };
  const secrets = secretsFor(statement, variables);
  return { timeoutMs: usualTimeoutMs, use, variables, secrets, maskSelectors: [], ...policy };
}
