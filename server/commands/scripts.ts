import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { findCustomer } from '../accounts/customers.ts';
import { publish } from '../assignments/publish.ts';
import { Refused } from '../http/refused.ts';
import { type Common, customerCommand, print, withContext } from './command.ts';

interface PublishOptions extends Common {
  customer: string;
  host: string[];
  author: string;
  message?: string;
}

/** `publish`. */
export function addScripts(program: Command): void {
  customerCommand(program, 'publish', 'check, bundle, sign and store a script; its monitors run it from then on')
    .argument('<file>')
    .option('--host <host...>', 'host or host:port the script may reach, beside those its text names', [])
    .option('--author <name>', 'who wrote it', 'command line')
    .option('--message <text>', 'why, kept with the version')
    .action((file: string, options: PublishOptions) =>
      withContext(options, async (server) => {
        if (!existsSync(file)) throw new Refused(`there is no file ${resolve(file)}`);
        const { id } = await findCustomer(server, options.customer);
        const { author, message, host: hosts } = options;
        const done = await publish(server, id, { script: { file }, author, message, hosts });
        const verb = done.unchanged ? 'is published already as' : 'is published as';
        const reached = done.hosts.join(', ') || 'no host';
        print(options, done, `${done.script} ${verb} version ${done.version}; it may reach ${reached}.`);
      }),
    );
}
