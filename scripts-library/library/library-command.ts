import type { Command } from 'commander';
import { print } from '../terminal.ts';
import { flows } from './flows.ts';

/** Adds `library`. */
export function addLibrary(program: Command): void {
  program
    .command('library')
    .description('ready flows, with what has to be filled in; `init --from NAME` copies one')
    .option('--json', 'print one line of JSON')
    .action(({ json }: { json?: boolean }) => {
      const list = flows.map(({ name, title, needs }) => ({ name, title, needs: needs.map((need) => need.name) }));
      const lines = list.map(
        ({ name, title, needs }) => `${name.padEnd(16)} ${title}\n${' '.repeat(17)}needs: ${needs.join(', ')}`,
      );
      print(json, { flows: list }, lines.join('\n'));
    });
}
