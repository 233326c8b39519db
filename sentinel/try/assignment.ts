import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { BundleFile } from '../protocol/bundle-file.ts';
import { Assignment, type ScriptStatement } from '../protocol/messages.ts';
import { sha256Hex } from '../protocol/statement.ts';
import { CannotTry } from './cannot-try.ts';

export interface Wishes {
  baseUrl?: string;
  host: readonly string[];
  variable: Record<string, string>;
  /** Seconds. */
  timeout: number;
  trace?: boolean;
}

/** What a server would send for a monitor of this script. Nobody signed it: who tries a script trusts it. */
export function assignmentOf(
  file: string,
  script: BundleFile,
  wishes: Wishes,
): { assignment: Assignment; statement: ScriptStatement } {
  const { baseUrl, host, variable } = wishes;
  const statement: ScriptStatement = {
    customerId: randomUUID(),
    script: path.basename(file),
    version: 1,
    bundleSha256: sha256Hex(script.code),
    hosts: [...new Set([...script.hosts, ...host.map(checkedHost), ...(baseUrl ? [hostOf(baseUrl)] : [])])],
    secrets: [...script.secrets],
    withDefault: script.withDefault,
    keyId: 'none',
    signedAt: Date.now(),
  };
  const assignment = Assignment.parse({
    monitorId: randomUUID(),
    name: statement.script,
    script: { statement: JSON.stringify(statement), signature: 'none' },
    schedule: { everyMs: 60_000 },
    timeoutMs: wishes.timeout * 1000,
    use: baseUrl === undefined ? {} : { baseURL: baseUrl },
    variables: variable,
    secrets: script.secrets.filter((name) => !Object.hasOwn(variable, name)),
    maskSelectors: [],
    evidence: { trace: wishes.trace === true },
  });
  return { assignment, statement };
}

function hostOf(baseUrl: string): string {
  if (/^https?:\/\//i.test(baseUrl) && URL.canParse(baseUrl)) return new URL(baseUrl).host;
  throw new CannotTry(`the base URL must be a whole address such as https://shop.example/, not "${baseUrl}"`);
}

function checkedHost(host: string): string {
  if (!/[/\s]/.test(host) && URL.canParse(`http://${host}/`)) return host;
  throw new CannotTry(`"${host}" is not a host: write shop.example, or shop.example:8443 with its port`);
}
