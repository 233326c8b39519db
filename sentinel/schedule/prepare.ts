import type { Bundle } from '../link/scripts.ts';
import type { ErrorCode } from '../protocol/error-codes.ts';
import type { RunRequest } from '../runner/runner.ts';
import type { Trusted } from '../script-trust.ts';
import type { Due } from './due.ts';

/** What the sentinel knows about a script that is due: whether to trust it, its bundle, its secrets. */
export interface Sources {
  trusted: Trusted;
  bundle(sha256: string): Bundle;
  secret(name: string): string | undefined;
  /** What this machine gives. */
  sandboxLevel: number;
}

export type Prepared =
  | { kind: 'ready'; request: RunRequest }
  /** Its bundle was not fetched yet: nobody's fault, try again later. */
  | { kind: 'waiting' }
  | { kind: 'refused'; code: ErrorCode; message: string };

/** Decides whether a run may start. What is not trusted, whole and complete never reaches the runner. */
export function prepare(
  { assignment, dueAt, trialId }: Due,
  id: string,
  { trusted, bundle, secret, sandboxLevel }: Sources,
): Prepared {
  if (!trusted.ok) return untrusted(trusted.reason);
  if (sandboxLevel < assignment.minSandboxLevel) return tooOpen(sandboxLevel, assignment.minSandboxLevel);
  const { statement } = trusted;
  const found = bundle(statement.bundleSha256);
  if (found.state === 'missing') return { kind: 'waiting' };
  if (found.state === 'altered') return untrusted('its code is not the code that was signed');
  const secrets = new Map<string, string>();
  try {
    for (const name of assignment.secrets.filter((name) => statement.secrets.includes(name))) {
      const value = secret(name);
      if (value !== undefined) secrets.set(name, value);
      else if (!statement.withDefault?.includes(name)) return secretMissing(name);
    }
  } catch (error) {
    return refused('SECRET_MISSING', error instanceof Error ? error.message : String(error)); // the vault is damaged
  }
  const { monitorId, use, variables, timeoutMs, testTimeoutMs, expectTimeoutMs, maskSelectors, evidence } = assignment;
  return {
    kind: 'ready',
    request: {
      ...{ id, monitorId, dueAt, statement, bundle: found.code, use, variables, maskSelectors, evidence },
      ...{ timeoutMs, testTimeoutMs, expectTimeoutMs },
      secrets: Object.fromEntries(secrets),
      hosts: statement.hosts,
      ...(trialId === undefined ? {} : { looksAtEnd: true }),
    },
  };
}

function untrusted(reason: string): Prepared {
  return refused('SCRIPT_UNTRUSTED', `the script was not run: ${reason}`);
}

function secretMissing(name: string): Prepared {
  const command = `vedette-sentinel secret set ${name}`;
  return refused(
    'SECRET_MISSING',
    `the script reads the secret ${name}, which this sentinel does not have: set it there with \`${command}\``,
  );
}

function tooOpen(level: number, wanted: number): Prepared {
  return refused(
    'SENTINEL_SANDBOX',
    `the script was not run: its monitor asks for sandbox level ${wanted}, and this sentinel has ${level}; on Linux, level 3 takes bubblewrap and a system that lets its user make namespaces`,
  );
}

function refused(code: ErrorCode, message: string): Prepared {
  return { kind: 'refused', code, message };
}
