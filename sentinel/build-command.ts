import { mock } from 'node:test';
import { Command } from 'commander';

type Add = (program: Command, home: () => string) => void;

/** For tests: does one command of the sentinel of `home` in this process; returns what it printed. Rejects as the command line would fail. */
export async function doCommand(add: Add, home: string, args: readonly string[]): Promise<string> {
  const program = new Command('vedette-sentinel').exitOverride().configureOutput({ writeErr: () => {} });
  add(program, () => home);
  for (const command of program.commands) quiet(command);
  const lines: string[] = [];
  const log = mock.method(console, 'log', (line: string) => void lines.push(line));
  try {
    await program.parseAsync(['node', 'cli', ...args]);
    return lines.join('\n');
  } finally {
    log.mock.restore();
  }
}

/** Sub-commands take over how to fail only from whoever made them. */
function quiet(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => {} });
  for (const sub of command.commands) quiet(sub);
}
