import type { Command } from 'commander';
import { collected } from '../protocol/collected.ts';
import { plainJson } from '../protocol/plain.ts';
import { say } from '../terminal.ts';
import { readSettings, type Settings } from './settings.ts';

/** Adds `collects`. */
export function addCollects(program: Command, home: () => string): void {
  program
    .command('collects')
    .description('every field that can be sent, what it is, and whether the settings of this device switch it off')
    .option('--json', 'as JSON', false)
    .action(({ json }: { json: boolean }) => {
      const messages = withState(readSettings(home()));
      say(json ? plainJson(messages, 2) : messages.map(asText).join('\n\n'));
    });
}

function withState(settings: Settings) {
  return collected().map(({ fields, ...message }) => ({
    ...message,
    fields: fields.map(({ switches, ...field }) => ({
      ...field,
      on: switches.every(({ setting, off }) => settings[setting] !== off),
      ...(switches[0] ? { switchedBy: `settings set ${switches[0].setting} ${switches[0].off}` } : {}),
    })),
  }));
}

function asText({ call, purpose, fields }: ReturnType<typeof withState>[number]): string {
  const lines = fields.map(({ name, what, on, switchedBy }) => {
    const off = switchedBy !== undefined && on ? ` (off with \`${switchedBy}\`)` : '';
    return `  ${on ? 'on ' : 'OFF'}  ${name}\n         ${what}${off}`;
  });
  return [`${call}: ${purpose}`, ...lines].join('\n');
}
