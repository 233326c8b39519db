import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import type { CustomerId } from '../../db/customers.ts';
import { ScriptRefused } from '../../scripts-library/publish/bundle.ts';
import type { ScriptWish } from '../../scripts-library/publish/deployment.ts';
import type { SignedStatement } from '../../sentinel/protocol/messages.ts';
import { sha256Hex, verifyStatement } from '../../sentinel/protocol/statement.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { trustedAuthorKeys } from './author-keys.ts';
import { bundleApart } from './bundle-apart.ts';
import { signedHost } from './host.ts';

/** A script ready to become a version: bundled, and perhaps signed by its author already. */
export interface PreparedScript {
  name: string;
  bundle: string;
  sha256: string;
  hosts: string[];
  secrets: string[];
  withDefault?: string[] | undefined;
  /** What its author wrote, by path. */
  files: Record<string, string>;
  path: string;
  /** With an author's own key; verified. */
  signed?: SignedStatement & { version: number; keyId: string };
}

/** Checks and bundles a script, or verifies what its author signed. Throws `ScriptRefused` with its faults, or `Refused`. */
export async function prepareScript(
  server: ServerContext,
  customerId: CustomerId,
  wish: ScriptWish,
): Promise<PreparedScript> {
  return wish.signed ? signedScript(server, customerId, wish, wish.signed) : fromFiles(wish);
}

/** The same of what its author wrote; nothing of it stays on this machine. */
export async function fromFiles(wish: Pick<ScriptWish, 'path' | 'files' | 'hosts'>): Promise<PreparedScript> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-publish-'));
  try {
    layOut(folder, wish.files);
    if (!Object.hasOwn(wish.files, wish.path)) throw new Refused(`${wish.path} is not among the files that were sent`);
    return await fromFile(join(folder, wish.path), folder, wish.hosts, Object.values(wish.files).join('').length);
  } catch (error) {
    throw error instanceof ScriptRefused ? asWritten(error, folder, wish.path) : error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** With the names that the author gave the files. */
function asWritten({ faults }: ScriptRefused, folder: string, script: string): ScriptRefused {
  const named = faults.map((fault) => ({
    ...fault,
    file: relative(folder, fault.file),
    message: fault.message.replaceAll(realpathSync(folder), "the script's folder"),
  }));
  return new ScriptRefused(script, named);
}

/** Throws `Refused` where one name is to be a file and a folder. */
function layOut(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    try {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    } catch (cause) {
      throw new Refused(`${path} can't be laid out beside the other files: rename it`, { cause });
    }
  }
}

/** The script of a file on this machine, of so many `characters` with its imports; `within` is where these may lie. */
export async function fromFile(
  file: string,
  within: string,
  hosts: readonly string[],
  characters = 0,
): Promise<PreparedScript> {
  const { code, ...bundled } = await bundleApart({ file, within }, characters);
  const all = [...new Set([...bundled.hosts, ...hosts.map(signedHost)])].sort();
  return { ...bundled, name: basename(file), bundle: code, hosts: all, secrets: [...new Set(bundled.secrets)].sort() };
}

async function signedScript(
  server: ServerContext,
  customerId: CustomerId,
  { files, path }: ScriptWish,
  { bundle: code, ...signed }: NonNullable<ScriptWish['signed']>,
): Promise<PreparedScript> {
  const name = basename(path);
  const keys = await server.customers.use(customerId, trustedAuthorKeys);
  const verified = verifyStatement(signed, keys, customerId);
  if (!verified.ok) throw new Refused(`${name} cannot be published: ${withKeys(verified.reason)}`);
  const { script, bundleSha256, hosts, secrets, withDefault, version, keyId } = verified.statement;
  const sha256 = sha256Hex(code);
  if (script !== name) throw new Refused(`${name} cannot be published: what was signed is the script ${script}`);
  if (bundleSha256 !== sha256)
    throw new Refused(`${name} cannot be published: its bundle is not the one that was signed`);
  return {
    name,
    bundle: code,
    sha256,
    hosts,
    secrets,
    withDefault,
    files,
    path,
    signed: { ...signed, version, keyId },
  };
}

function withKeys(reason: string): string {
  return reason.replace(
    'which this sentinel does not trust',
    'which is none of the author keys of this customer (any more)',
  );
}
