import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { lastAssignments } from '../link/assignments.ts';
import type { Assignment } from '../protocol/messages.ts';
import { findBrowser, versionOf } from '../runner/browser/browser.ts';
import { trustScript } from '../script-trust.ts';
import { keysFor, statementOf } from '../settings/narrow.ts';
import { pauseAt, pauseText, untilText } from '../settings/pause.ts';
import { readSettings } from '../settings/settings.ts';
import { Vault } from '../vault.ts';
import { type Finding, ok, type Step, skipped, wrong } from './steps.ts';

/** What spool and journal may take together, with room for runs. */
const enoughBytes = 1024 * 1024 * 1024;

/** What runs need on this device. `customerId`: of an enrolled sentinel. */
export function deviceSteps(home: string, customerId: string | undefined): Step[] {
  const assignments = lastAssignments(home)?.assignments ?? [];
  return [
    { name: 'settings', look: () => settings(home) },
    { name: 'browser', look: () => browser(home) },
    { name: 'disk', look: () => disk(home) },
    { name: 'scripts', look: () => scripts(home, customerId, assignments) },
    { name: 'secrets', look: () => secrets(home, assignments) },
  ];
}

async function settings(home: string): Promise<Finding> {
  const set = Object.keys(readSettings(home)); // what that throws says what to do
  const pause = pauseAt(pauseText(home), Date.now());
  const seen = set.length === 0 ? 'none: the server and what is usual decide' : `set here: ${set.join(', ')}`;
  return ok(pause ? `${seen}; paused ${untilText(pause)}` : seen);
}

async function browser(home: string): Promise<Finding> {
  const found = findBrowser(process.env, readSettings(home).browser);
  const next = 'install Google Chrome, Microsoft Edge or Chromium, or name one with `settings set browser PATH`';
  if (found === undefined) return wrong('there is none', next);
  try {
    return ok(`${await versionOf(found)} (${found})`);
  } catch {
    return wrong(`${found} does not start`, next);
  }
}

async function disk(home: string): Promise<Finding> {
  if (!fs.existsSync(home)) return skipped(`${home} is not there yet`);
  const file = path.join(home, `doctor-${randomUUID()}`);
  try {
    await writeFile(file, 'x'.repeat(4096), { mode: 0o600, flush: true });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    return wrong(`${home} can't be written (${code})`, 'free space there, or give this user the right to write');
  } finally {
    await rm(file, { force: true });
  }
  const { bavail, bsize } = await statfs(home);
  const free = `${Math.round((bavail * bsize) / 1024 / 1024)} MiB are free in ${home}`;
  return bavail * bsize >= enoughBytes ? ok(free) : wrong(free, 'make room: spool and journal take up to 512 MiB');
}

async function scripts(
  home: string,
  customerId: string | undefined,
  assignments: readonly Assignment[],
): Promise<Finding> {
  if (customerId === undefined) return skipped('it is not enrolled');
  if (assignments.length === 0) return skipped('there are no monitors here');
  const keys = keysFor(readSettings(home), lastAssignments(home)?.scriptKeys ?? []);
  const highest = highestVersions(home);
  const trust = { keys, customerId, highestVersion: (script: string) => highest.get(script) ?? 0 };
  const refused = assignments.flatMap((assignment) => {
    const trusted = trustScript(assignment, trust);
    return trusted.ok ? [] : [`${assignment.name}: ${trusted.reason}`];
  });
  if (refused.length > 0) return wrong(refused.join('; '), 'ask who published it; it does not run here as it is');
  return ok(`${assignments.length} signed by a trusted key (${keys.map(({ id }) => id).join(', ')})`);
}

async function secrets(home: string, assignments: readonly Assignment[]): Promise<Finding> {
  const wanted = new Set(
    assignments.flatMap((assignment) =>
      assignment.secrets.filter((name) => statementOf(assignment)?.secrets.includes(name)),
    ),
  );
  if (wanted.size === 0) return ok('no script here reads any');
  const vault = new Vault(home);
  const missing = [...wanted].filter((name) => vault.secret(name) === undefined);
  if (missing.length === 0) return ok(`${[...wanted].sort().join(', ')} are set`);
  return wrong(`${missing.join(', ')} are missing`, missing.map((name) => `\`secret set ${name}\``).join(', '));
}

/** Beside a running sentinel, too. */
function highestVersions(home: string): Map<string, number> {
  const file = path.join(home, 'spool.sqlite');
  if (!fs.existsSync(file)) return new Map();
  using db = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
  const rows = db.prepare('SELECT script, version FROM script_versions').all();
  return new Map(rows.map(({ script, version }) => [String(script), Number(version)]));
}
