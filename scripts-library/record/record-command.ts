import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { configText } from '../config/config-text.ts';
import { configName } from '../config/load.ts';
import { Misuse } from '../failure.ts';
import { print } from '../terminal.ts';
import { recorded } from './codegen.ts';
import { cut, type Decisions, originOf, scriptOf } from './cut.ts';
import { decided } from './guide.ts';

interface RecordOptions {
  name?: string;
  browser?: string;
  yes?: boolean;
  json?: boolean;
}

/** Adds `record`. */
export function addRecord(program: Command): void {
  program
    .command('record')
    .description('record a flow in a browser, cut it into transactions, and keep what was typed as secrets out of it')
    .argument('<url>', 'where it begins')
    .option('--name <name>', 'what the flow is called', 'Recorded flow')
    .option('--browser <browser>', 'chromium, chrome, msedge, or the path of one')
    .option('-y, --yes', 'take the names as they are found, without asking')
    .option('--json', 'print one line of JSON')
    .addHelpText(
      'after',
      '\nUse the page as its users do, and close the browser when you are done. In the bar of the recorder, "Assert text" on\n' +
        'what a user looks for says where a transaction ends.',
    )
    .action(async (url: string, { name = 'Recorded flow', browser, yes, json }: RecordOptions) => {
      const script = `${
        name
          .toLowerCase()
          .replaceAll(/[^a-z0-9]+/g, '-')
          .replaceAll(/^-|-$/g, '') || 'recorded'
      }.spec.ts`;
      if (existsSync(script)) throw new Misuse(`${script} is there already: choose another --name.`);
      const decisions = await decided(cut(await recorded(url, browser)), name, yes === true);
      writeFileSync(script, scriptOf(decisions));
      const files = [script, ...keepSecrets(decisions), ...configure(decisions, script)];
      print(json, { files, transactions: decisions.parts.map((part) => part.name) }, ending(files, decisions));
    });
}

/** For trying here: into a file that is its owner's alone, and that git shall not take. */
function keepSecrets({ secrets }: Decisions): string[] {
  if (secrets.size === 0) return [];
  const lines = [...secrets].map(([value, name]) => `${name}=${JSON.stringify(value)}\n`);
  appendFileSync('.env', lines.join(''), { mode: 0o600 });
  return ['.env'];
}

/** A configuration with the flow, where there is none yet. */
function configure({ title, parts, secrets }: Decisions, script: string): string[] {
  if (existsSync(configName)) return [];
  const names = [...secrets.values()];
  const monitor = {
    ...{ name: title, script, baseURL: `${originOf(parts)}/`, schedule: { every: '5 min' } },
    ...(names.length > 0 && { secrets: names }),
  };
  const name =
    path
      .basename(process.cwd())
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '') || 'monitors';
  writeFileSync(configName, configText({ name, monitors: [monitor] }));
  return [configName];
}

function ending(files: readonly string[], { parts }: Decisions): string {
  const added = files.includes(configName) ? '' : ` Add it to ${configName}.`;
  return `Written: ${files.join(', ')}. Transactions: ${parts.map(({ name }) => name).join(', ')}.${added}\nNext: vedette check, vedette test, vedette deploy`;
}
