import { type Command, InvalidArgumentError } from 'commander';
import { findCustomer } from '../accounts/customers.ts';
import { addMonitor } from '../assignments/monitors.ts';
import { publish } from '../assignments/publish.ts';
import { type Common, customerCommand, print, whole, withContext } from './command.ts';

interface PublishOptions extends Common {
  customer: string;
  host: string[];
  author: string;
}

interface MonitorOptions extends Common {
  customer: string;
  script: string;
  every: number;
  timeout: number;
  baseUrl?: string;
  variable: Record<string, string>;
  mask: string[];
  sentinel: string[];
}

/** `publish` and `monitor add`. */
export function addScripts(program: Command): void {
  customerCommand(program, 'publish', 'check, bundle, sign and store a script; its monitors run it from then on')
    .argument('<file>')
    .option('--host <host...>', 'host or host:port the script may reach, beside those its text names', [])
    .option('--author <name>', 'who wrote it', 'command line')
    .action((file: string, options: PublishOptions) =>
      withContext(options, async (server) => {
        const { id } = await findCustomer(server, options.customer);
        const done = await publish(server, id, { script: { file }, author: options.author, hosts: options.host });
        const verb = done.unchanged ? 'is published already as' : 'is published as';
        const hosts = done.hosts.join(', ') || 'no host';
        print(options, done, `${done.script} ${verb} version ${done.version}; it may reach ${hosts}.`);
      }),
    );

  customerCommand(
    program.command('monitor').description('what is watched'),
    'add',
    'have a published script run on a schedule',
  )
    .argument('<name>')
    .requiredOption('--script <file name>', 'the published script')
    .option('--every <seconds>', 'how often each sentinel runs it', whole, 300)
    .option('--timeout <seconds>', 'how long a whole run may take', whole, 60)
    .option('--base-url <address>', "where the script's addresses begin")
    .option('--variable <NAME=value...>', 'plain values the script reads', addVariable, {})
    .option('--mask <selector...>', 'what is painted over in screenshots, beside password fields', [])
    .option('--sentinel <id...>', 'the sentinels that run it; all, unless given', [])
    .action((name: string, options: MonitorOptions) =>
      withContext(options, async (server) => {
        const { id: customerId } = await findCustomer(server, options.customer);
        const id = await addMonitor(server, customerId, {
          name,
          script: options.script,
          everyMs: options.every * 1000,
          timeoutMs: options.timeout * 1000,
          use: options.baseUrl === undefined ? {} : { baseURL: options.baseUrl },
          variables: options.variable,
          maskSelectors: options.mask,
          sentinels: options.sentinel,
        });
        print(options, { id, name }, `Added the monitor "${name}" (${id}).`);
      }),
    );
}

function addVariable(text: string, before: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be given as NAME=value.');
  return { ...before, [name]: value };
}
