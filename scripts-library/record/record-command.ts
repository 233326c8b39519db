import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { configName } from '../config/load.ts';
import { Misuse } from '../failure.ts';
import { surroundings } from '../surroundings.ts';
import { print } from '../terminal.ts';
import { recorded } from './codegen.ts';
import { cut } from './cut.ts';
import { decided, nobodyToAsk } from './guide.ts';
import { keep, monitorLine } from './keep.ts';

interface RecordOptions {
  name: string;
  browser?: string;
  yes?: boolean;
  json?: boolean;
}

/** Adds `record`. `playwright` is the version that new folders ask for. */
export function addRecord(program: Command, playwright: string): void {
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
    .action(async (url: string, { name, browser, yes, json }: RecordOptions) => {
      const script = fileOf(name);
      if (existsSync(script)) throw new Misuse(`${script} is there already: choose another --name.`);
      if (!yes && !surroundings().isInteractive) throw new Misuse(nobodyToAsk);
      if (!json) console.log('A browser opens: use the page as its users do, and close it when you are done.');
      const decisions = await decided(cut(await recorded(url, browser)), name, yes === true);
      const isNew = !existsSync(configName);
      const files = keep(decisions, script, playwright);
      const transactions = decisions.parts.map((part) => part.name);
      const lines = [`Written: ${files.join(', ')}. Transactions: ${transactions.join(', ')}.`];
      if (!isNew) lines.push(`Add it to the monitors of ${configName}:`, `    ${monitorLine(decisions, script)}`);
      lines.push('Next: vedette check, vedette test, vedette deploy');
      print(json, { files, transactions }, lines.join('\n'));
    });
}

function fileOf(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${words || 'recorded'}.spec.ts`;
}
