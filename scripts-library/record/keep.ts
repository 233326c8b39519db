import { appendFileSync, existsSync } from 'node:fs';
import { literal } from '../config/config-text.ts';
import { configName } from '../config/load.ts';
import { Failure } from '../failure.ts';
import { projectFiles } from '../init/project-files.ts';
import { gitIgnore, writeProject } from '../init/write-project.ts';
import { type Decisions, originOf, scriptOf } from './cut.ts';

/**
 * Writes the script and its secrets, and where there is no configuration yet all that a folder of scripts has; nothing that
 * is there is replaced. Returns the names of the files. `playwright` is the version that new folders ask for.
 */
export function keep(decisions: Decisions, script: string, playwright: string): string[] {
  const secrets = [...decisions.secrets.values()];
  const own = { [script]: scriptOf(decisions) };
  const monitors = [monitorOf(decisions, script)];
  const isThere = existsSync(configName);
  const files = isThere ? { ...own, ...gitIgnore } : projectFiles({ playwright, monitors, scripts: own, secrets });
  const kept = keepSecrets(decisions);
  return [...writeProject('.', files), ...kept];
}

/** The flow as a configuration has it. */
function monitorOf({ title, parts, secrets }: Decisions, script: string): object {
  const names = [...secrets.values()];
  return {
    ...{ name: title, script, baseURL: `${originOf(parts)}/`, schedule: { every: '5 min' } },
    ...(names.length > 0 && { secrets: names }),
  };
}

/** The same as a line to be put into one that is there. */
export function monitorLine(decisions: Decisions, script: string): string {
  return `${literal(monitorOf(decisions, script), '    ')},`;
}

/** For trying here: into a file that is its owner's alone, and that git does not take. */
function keepSecrets({ secrets }: Decisions): string[] {
  if (secrets.size === 0) return [];
  const lines = [...secrets].map(([value, name]) => `${name}=${envText(value)}\n`);
  appendFileSync('.env', lines.join(''), { mode: 0o600 });
  return ['.env'];
}

/** Between marks that it does not have itself: such files know no other way to write one. Throws `Failure` if it has all. */
export function envText(value: string): string {
  const mark = ["'", '`', '"'].find((one) => !value.includes(one));
  // Between double ones alone \n is a line break.
  if (mark !== undefined && (mark !== '"' || !value.includes('\\n'))) return mark + value + mark;
  throw new Failure("A secret with each of ' ` and \" in it can't be written into .env: choose another password.");
}
