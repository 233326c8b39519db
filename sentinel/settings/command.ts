import type { Command } from 'commander';
import { openPrivateFolder } from '../../certs/private-file.ts';
import { lastAssignments } from '../link/assignments.ts';
import { isLocked } from '../lock.ts';
import type { Refusal } from '../protocol/messages.ts';
import { plainJson } from '../protocol/plain.ts';
import { say } from '../terminal.ts';
import { UsageFault } from '../usage-fault.ts';
import { refusals, statementOf } from './narrow.ts';
import { readSettings, type SettingName, Settings, settingNames, writeSettings } from './settings.ts';

interface Asked {
  json: boolean;
}

/** Adds `settings`. */
export function addSettings(program: Command, home: () => string): void {
  const settings = program
    .command('settings')
    .description('what this device allows; the server can ask for less, never for more')
    .addHelpText(
      'after',
      `\nSettings:\n${settingNames.map((name) => `  ${name.padEnd(20)}${meaning(name)}`).join('\n')}`,
    );

  settings
    .command('show', { isDefault: true })
    .description('the settings, and what the server asked for that they refuse')
    .option('--json', 'as JSON', false)
    .action((asked: Asked) => show(home(), asked));

  settings
    .command('set')
    .description('set a setting; lists with commas between; a running sentinel follows within 5 seconds')
    .argument('<name>', 'a setting', settingName)
    .argument('<value>', 'its value')
    .option('--json', 'as JSON', false)
    .action((name: SettingName, value: string, asked: Asked) => {
      change(home(), (before) => ({ ...before, [name]: parsed(name, value) }), asked);
    });

  settings
    .command('unset')
    .description('leave a setting to the server, or to what is usual')
    .argument('<name>', 'a setting', settingName)
    .option('--json', 'as JSON', false)
    .action((name: SettingName, asked: Asked) => {
      change(home(), ({ [name]: _, ...others }) => others, asked);
    });

  settings
    .command('allow')
    .description('let scripts reach a host that their authors signed, and no others than those allowed so')
    .argument('<host...>', 'host, or host:port')
    .option('--json', 'as JSON', false)
    .action((hosts: string[], asked: Asked) => {
      change(home(), (before) => ({ ...before, hosts: [...new Set([...(before.hosts ?? []), ...hosts])] }), asked);
    });

  settings
    .command('deny')
    .description(
      'let scripts no longer reach a host; of the others those stay that are allowed or named by scripts now',
    )
    .argument('<host...>', 'host, or host:port, as it was allowed or signed')
    .option('--json', 'as JSON', false)
    .action((hosts: string[], asked: Asked) => {
      const folder = home();
      change(folder, (before) => ({ ...before, hosts: without(before.hosts ?? signedHosts(folder), hosts) }), asked);
    });
}

function change(home: string, to: (before: Settings) => Settings, asked: Asked): void {
  openPrivateFolder(home);
  const after = Settings.safeParse(to(readSettings(home)));
  if (!after.success) throw new UsageFault(after.error.issues.map((fault) => faultText(fault)).join('; '));
  writeSettings(home, after.data);
  show(home, asked);
  if (!asked.json && isLocked(home))
    say('The running sentinel follows within 5 seconds; with another browser, from its next start on.');
}

function faultText({ path, message }: { path: PropertyKey[]; message: string }): string {
  return `${path.join('.')}: ${message}`;
}

function show(home: string, { json }: Asked): void {
  const settings = readSettings(home);
  const refused = refusals(lastAssignments(home)?.assignments ?? [], settings);
  if (json) say(plainJson({ settings, refused }, 2));
  else say([...settingLines(settings), ...refusedLines(home, refused)].join('\n'));
}

function settingLines(settings: Settings): string[] {
  return settingNames.map((name) => `${name.padEnd(20)}${valueText(settings[name]) ?? `(${otherwise(name)})`}`);
}

function refusedLines(home: string, refused: readonly Refusal[]): string[] {
  if (refused.length === 0) return [];
  const names = new Map(lastAssignments(home)?.assignments.map(({ monitorId, name }) => [monitorId, name]));
  const lines = refused.map(({ monitorId, setting, asked }) => `  ${names.get(monitorId)}: ${asked} (${setting})`);
  return ['', 'Refused to the server:', ...lines];
}

function valueText(value: Settings[SettingName]): string | undefined {
  if (!Array.isArray(value)) return value?.toString();
  return value.length === 0 ? 'none' : value.join(', ');
}

/** What holds where a setting is left out. */
function otherwise(name: SettingName): string {
  return meaning(name).split('left out, ')[1] ?? '';
}

function meaning(name: SettingName): string {
  return Settings.shape[name].description ?? '';
}

function parsed(name: SettingName, text: string): unknown {
  if (name === 'hosts' || name === 'trustedKeys') return text.split(/[\s,]+/).filter((part) => part !== '');
  return /^\d+$/.test(text) ? Number(text) : text;
}

function signedHosts(home: string): string[] {
  const assignments = lastAssignments(home)?.assignments ?? [];
  return [...new Set(assignments.flatMap((assignment) => statementOf(assignment)?.hosts ?? []))];
}

function without(hosts: readonly string[], denied: readonly string[]): string[] {
  const stranger = denied.find((host) => !hosts.includes(host));
  if (stranger === undefined) return hosts.filter((host) => !denied.includes(host));
  throw new UsageFault(`${stranger} is none of the hosts that may be reached: ${hosts.join(', ') || 'there are none'}`);
}

function settingName(text: string): SettingName {
  const name = settingNames.find((known) => known === text);
  if (name) return name;
  throw new UsageFault(`there is no setting ${text}: there are ${settingNames.join(', ')}`);
}
