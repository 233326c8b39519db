import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Policy } from '../../scripts-library/publish/deployment.ts';
import type { Use } from '../../sentinel/protocol/messages.ts';
import { findCustomer } from '../accounts/customers.ts';
import { changeMonitor, noSuchMonitor } from '../assignments/change-monitor.ts';
import { addMonitor } from '../assignments/monitors.ts';
import type { PolicyChange } from '../assignments/policy.ts';
import { runNow } from '../assignments/run-now.ts';
import { Refused } from '../http/refused.ts';
import { type Common, customerCommand, print, whole, withContext } from './command.ts';

/** What can be said of a monitor when it is added, and changed later. */
interface SettingOptions extends Common {
  customer: string;
  every?: number;
  cron?: string;
  hours?: string;
  timeZone?: string;
  timeout?: number;
  baseUrl?: string;
  use?: Use;
  mask?: string[];
  /** ms */
  testTimeout?: number;
  /** ms */
  expectTimeout?: number;
  screenshot?: Policy['evidence']['screenshot'];
  screenshotQuality?: number;
  screenshotWidth?: number;
  trace?: boolean;
  whenPassed?: Policy['evidence']['whenPassed'];
  confirmFailures?: boolean;
  minSandboxLevel?: number;
}

interface AddOptions extends SettingOptions {
  script: string;
  variable: Record<string, string>;
  sentinel: string[];
}

interface ChangeOptions extends SettingOptions {
  paused?: boolean;
}

/** `monitor add`, `monitor change` and `monitor run-now`. */
export function addMonitors(program: Command): void {
  const monitor = program.command('monitor').description('what is watched');

  withSettings(customerCommand(monitor, 'add', 'have a published script run on a schedule'))
    .argument('<name>')
    .requiredOption('--script <file name>', 'the published script')
    .option('--variable <NAME=value...>', 'plain values the script reads', addVariable, {})
    .option('--sentinel <id...>', 'the sentinels that run it; all, unless given', [])
    .action((name: string, options: AddOptions) =>
      withContext(options, async (server) => {
        const { id: customerId } = await findCustomer(server, options.customer);
        const id = await addMonitor(server, customerId, {
          name,
          script: options.script,
          everyMs: options.cron === undefined ? (options.every ?? 300) * 1000 : ms(options.every),
          ...scheduleFrom(options),
          timeoutMs: (options.timeout ?? 60) * 1000,
          use: chosenUse(options),
          variables: options.variable,
          maskSelectors: options.mask,
          sentinels: options.sentinel,
          policy: policyFrom(options),
        });
        print(options, { id, name }, `Added the monitor "${name}" (${id}).`);
      }),
    );

  withSettings(customerCommand(monitor, 'change', 'change what is asked of a monitor; what is not named stays'))
    .argument('<name>')
    .option('--paused', 'have nobody run it, and expect nothing of it')
    .option('--no-paused', 'have it run again')
    .action((name: string, options: ChangeOptions, self: Command) => {
      const change = changeFrom(options);
      if (JSON.stringify(change) === '{"use":{},"policy":{"evidence":{}}}')
        self.error('error: nothing to change was named: vedette-server monitor change --help lists what can be');
      return withContext(options, async (server) => {
        const { id: customerId } = await findCustomer(server, options.customer);
        const id = await changeMonitor(server, customerId, name, change);
        print(options, { id, name }, `Changed the monitor "${name}".`);
      });
    });

  customerCommand(monitor, 'run-now', 'have its sentinels run it once, as soon as they hear of it and have room')
    .argument('<name>')
    .action((name: string, options: Common & { customer: string }) =>
      withContext(options, async (server) => {
        const { id: customerId } = await findCustomer(server, options.customer);
        const requestId = await runNow(server, customerId, { name });
        if (requestId === undefined) throw new Refused(noSuchMonitor(name));
        print(options, { requestId, name }, `Asked for a run of "${name}" now.`);
      }),
    );
}

function withSettings(command: Command): Command {
  return command
    .option('--every <seconds>', 'how often each sentinel runs it (unless given: 300)', whole)
    .option('--cron <expression>', 'when it runs, instead: five fields, as in "*/15 8-17 * * mon-fri"')
    .option(
      '--hours <hours>',
      'hours of a week outside of which it does not run, as in "mon-fri 08:00-18:00"; "" for all',
    )
    .option('--time-zone <name>', "time zone of these two, as in Europe/Amsterdam (unless given: the customer's)")
    .option('--timeout <seconds>', 'how long a whole run may take (unless given: 60)', whole)
    .option('--test-timeout <seconds>', 'how long a test may take (unless given: 30)', milliseconds)
    .option('--expect-timeout <seconds>', 'how long an assertion waits (unless given: 5)', milliseconds)
    .option('--base-url <address>', "where the script's addresses begin")
    .option('--use <JSON>', 'options of Playwright\'s `use` that are JSON, as in \'{"locale":"nl-NL"}\'', options)
    .option('--mask <selector...>', 'what is painted over in screenshots, beside password fields')
    .addOption(
      new Option('--screenshot <what>', 'what a screenshot of a failure shows (unless given: viewport)').choices([
        'viewport',
        'page',
        'none',
      ]),
    )
    .option('--screenshot-quality <1 to 100>', 'how much of it survives packing (unless given: 75)', whole)
    .option('--screenshot-width <pixels>', 'how wide it is at most (unless given: 1280)', whole)
    .option('--trace', 'have a Playwright trace of a failure; it holds what the pages showed')
    .option('--no-trace', 'have none')
    .addOption(
      new Option('--when-passed <how often>', 'screenshots of what passes, to compare (unless given: daily)').choices([
        'daily',
        'never',
      ]),
    )
    .option('--confirm-failures', 'do a failed run once more at once, and count the second one')
    .option('--no-confirm-failures', 'count the first one')
    .option('--min-sandbox-level <1 to 3>', 'run it only where the sandbox has this level', whole);
}

function changeFrom(options: ChangeOptions) {
  const { every, timeout, mask: maskSelectors, paused } = options;
  return {
    everyMs: ms(every),
    ...scheduleFrom(options),
    paused,
    timeoutMs: ms(timeout),
    use: chosenUse(options),
    maskSelectors,
    policy: policyFrom(options),
  };
}

function scheduleFrom({ cron, hours, timeZone }: SettingOptions) {
  return { cron, hours, timeZone };
}

function policyFrom(options: SettingOptions): PolicyChange {
  const { testTimeout, expectTimeout, screenshot, screenshotQuality: quality, screenshotWidth: width } = options;
  const { trace, whenPassed, confirmFailures, minSandboxLevel } = options;
  const evidence = { screenshot, quality, width, trace, whenPassed };
  return { testTimeoutMs: testTimeout, expectTimeoutMs: expectTimeout, evidence, confirmFailures, minSandboxLevel };
}

function chosenUse({ use, baseUrl }: SettingOptions): Use {
  return { ...use, ...(baseUrl === undefined ? {} : { baseURL: baseUrl }) };
}

function ms(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function milliseconds(text: string): number {
  if (/^\d{1,6}(\.\d{1,3})?$/.test(text)) return Math.round(Number(text) * 1000);
  throw new InvalidArgumentError('It must be seconds, as in 5 or 0.5.');
}

function options(text: string): Use {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // what is not JSON is no object either
  }
  throw new InvalidArgumentError('It must be a JSON object.');
}

function addVariable(text: string, before: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be given as NAME=value.');
  return { ...before, [name]: value };
}
