import type { ScriptStatement } from '../../sentinel/protocol/messages.ts';
import { sha256Hex, verifyStatement } from '../../sentinel/protocol/statement.ts';
import type { ProjectScript } from '../deploy/deployment-of.ts';
import { Failure } from '../failure.ts';
import type { RollbackWish, ScriptWish, VersionAnswer } from '../publish/deployment.ts';
import { sign } from '../publish/sign.ts';
import type { AuthorKey } from './key-file.ts';

/** For whom is signed, and what the newest version of a script is there. */
export interface Signing {
  customerId: string;
  latest(script: string): number;
  now: number;
}

/** A script as its author signs it: as the version after the newest. */
export function signedScript(
  { code, sha256, path, files, hosts, more, secrets, withDefault }: ProjectScript,
  key: AuthorKey,
  signing: Signing,
): ScriptWish {
  const script = path.split('/').at(-1) ?? path;
  const all = [...new Set([...hosts, ...more.map((host) => host.toLowerCase())])].sort();
  const statement = statementFor(
    script,
    { bundleSha256: sha256, hosts: all, secrets: secrets.toSorted(), withDefault },
    key,
    signing,
  );
  return { path, files, hosts: [], signed: { ...sign(statement, key.privateKey), bundle: code } };
}

/**
 * An earlier version signed anew, as the newest. It must have been signed with the same key, and be what was signed: else
 * the server could have its author sign what they never saw. Throws `Failure`.
 */
export function signedRollback(
  script: string,
  { version, bundle, signed }: VersionAnswer,
  key: AuthorKey,
  signing: Signing,
): NonNullable<RollbackWish['signed']> {
  const verified = verifyStatement(signed, [key], signing.customerId);
  const statement = verified.ok ? verified.statement : undefined;
  const isGenuine =
    statement?.script === script && statement.version === version && statement.bundleSha256 === sha256Hex(bundle);
  if (!statement || !isGenuine)
    throw new Failure(
      `Version ${version} of ${script} was not signed with the key ${key.id}, so nobody can say that it is yours: deploy it from its text.`,
    );
  return sign(statementFor(script, statement, key, signing), key.privateKey);
}

function statementFor(
  script: string,
  {
    bundleSha256,
    hosts,
    secrets,
    withDefault,
  }: Pick<ScriptStatement, 'bundleSha256' | 'hosts' | 'secrets' | 'withDefault'>,
  key: AuthorKey,
  { customerId, latest, now }: Signing,
): ScriptStatement {
  const version = latest(script) + 1;
  return { customerId, script, version, bundleSha256, hosts, secrets, withDefault, keyId: key.id, signedAt: now };
}
