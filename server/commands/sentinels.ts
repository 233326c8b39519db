import type { Command } from 'commander';
import { findCustomer } from '../accounts/customers.ts';
import { changeSentinel } from '../enrolment/change-sentinel.ts';
import { addEnrolmentCode, enrolmentCodeId, openCodes, withdrawCode } from '../enrolment/codes.ts';
import { decideMachine } from '../enrolment/decide.ts';
import { revokeSentinel } from '../enrolment/revoke.ts';
import { listSentinels } from '../enrolment/sentinels.ts';
import type { Sentinel } from '../enrolment/shapes.ts';
import { Refused } from '../http/refused.ts';
import { type Common, customerCommand, print, whole, withContext } from './command.ts';

type OfCustomer = Common & { customer: string };
type CodeOptions = OfCustomer & {
  location: string;
  tag: string[];
  uses: number;
  minutes: number;
  retireAfter?: number;
};

const dayMs = 86_400_000;
/** Machines with one identity that are named on a screen. */
const mostMachines = 20;

/** `enrolment-code`, `enrolment-codes list` and `withdraw`, `sentinel list`, `revoke` and `decide`. */
export function addSentinels(program: Command): void {
  customerCommand(program, 'enrolment-code', 'make a code with which a device becomes a sentinel')
    .requiredOption('--location <name>', 'where the sentinel sits, as the customer calls it')
    .option('--tag <name...>', 'by which monitors choose its sentinels, beside name and location', [])
    .option('--uses <number>', 'how many sentinels may enrol with it', whole, 1)
    .option('--minutes <number>', 'how long it can be used', whole, 60)
    .option('--retire-after <days>', 'revoke its sentinels by themselves when they were unseen for so long', whole)
    .action(({ location, tag: tags, uses, minutes, retireAfter, ...options }: CodeOptions) =>
      withContext(options, async (server) => {
        const { id: customerId } = await findCustomer(server, options.customer);
        const expiresAt = server.now() + minutes * 60_000;
        const retirement = retireAfter === undefined ? {} : { retireAfterMs: retireAfter * dayMs };
        const code = await addEnrolmentCode(server, customerId, { location, tags, uses, expiresAt, ...retirement });
        const pin = server.authority.pins[0];
        const id = enrolmentCodeId(code);
        print(options, { id, code, expiresAt, pin }, `Code: ${code} (for ${minutes} minutes)\nPin:  ${pin}`);
      }),
    );
  addCodes(program.command('enrolment-codes').description('codes that can still be used'));
  addSentinel(program.command('sentinel').description("a customer's sentinels"));
}

function addCodes(codes: Command): void {
  customerCommand(codes, 'list', 'list them; the codes themselves are never shown again').action(
    (options: OfCustomer) =>
      withContext(options, async (server) => {
        const open = await openCodes(server, (await findCustomer(server, options.customer)).id);
        const lines = open.map(
          ({ id, prefix, location, tags, usesLeft, expiresAt, addedBy, retireAfterMs }) =>
            `${id}  ${prefix ?? '?'}-…  ${location}  ${tagsNamed(tags)}uses left: ${usesLeft}  until ${new Date(expiresAt).toISOString()}  by ${addedBy ?? '?'}` +
            (retireAfterMs === null ? '' : `  its sentinels retire after ${retireAfterMs / dayMs} days unseen`),
        );
        print(options, { codes: open }, lines.join('\n'));
      }),
  );

  customerCommand(codes, 'withdraw', 'make one useless, at once')
    .argument('<id>')
    .action((id: string, options: OfCustomer) =>
      withContext(options, async (server) => {
        const withdrawn = await withdrawCode(server, (await findCustomer(server, options.customer)).id, id);
        if (!withdrawn)
          throw new Refused(
            `there is no open code ${id}: vedette-server enrolment-codes list --customer NAME shows them`,
          );
        print(options, { id }, `The code ${id} can't be used any more.`);
      }),
    );
}

function addSentinel(sentinel: Command): void {
  customerCommand(sentinel, 'list', 'list the sentinels').action((options: OfCustomer) =>
    withContext(options, async (server) => {
      const sentinels = await listSentinels(server, (await findCustomer(server, options.customer)).id);
      print(options, { sentinels }, sentinels.flatMap(linesOf).join('\n'));
    }),
  );

  customerCommand(sentinel, 'revoke', "take a sentinel's API key away, at once")
    .argument('<id>')
    .action((id: string, options: OfCustomer) =>
      withContext(options, async (server) => {
        if (!(await revokeSentinel(server, (await findCustomer(server, options.customer)).id, id)))
          throw new Refused(`there is no sentinel ${id}: vedette-server sentinel list --customer NAME shows them`);
        print(options, { id }, `The sentinel ${id} can no longer report. Enrol it again to bring it back.`);
      }),
    );

  customerCommand(sentinel, 'tag', 'set the tags by which monitors choose a sentinel; none takes them all away')
    .argument('<id>')
    .argument('[tag...]')
    .action((id: string, tags: string[], options: OfCustomer) =>
      withContext(options, async (server) => {
        const { id: customerId } = await findCustomer(server, options.customer);
        if (!(await changeSentinel(server, customerId, id, { tags })))
          throw new Refused(`there is no sentinel ${id}: vedette-server sentinel list --customer NAME shows them`);
        print(
          options,
          { id, tags },
          `The sentinel ${id} has ${tags.length === 0 ? 'no tags' : `the tags ${tags.join(', ')}`}.`,
        );
      }),
    );

  customerCommand(sentinel, 'decide', 'of several machines with one identity, say which one goes on')
    .argument('<id>', 'the sentinel')
    .argument('<boot>', 'the machine that goes on, as `sentinel list` names it')
    .action((id: string, boot: string, options: OfCustomer) =>
      withContext(options, async (server) => {
        if (!(await decideMachine(server, (await findCustomer(server, options.customer)).id, id, boot)))
          throw new Refused(
            `the sentinel ${id} has no machine ${boot} (any more): vedette-server sentinel list shows them`,
          );
        print(
          options,
          { id, boot },
          `The machine ${boot} goes on as the sentinel ${id}; the others are to enrol anew.`,
        );
      }),
    );
}

function tagsNamed(tags: readonly string[]): string {
  return tags.length === 0 ? '' : `tags: ${tags.join(', ')}  `;
}

/** Machines are listed only where there is more than one. */
function linesOf({ id, name, location, tags, state, machines, spool }: Sentinel): string[] {
  const words = { reporting: 'reports', parked: 'is parked', turnedAway: 'was turned away' } as const;
  const others = machines.length < 2 ? [] : machines.slice(0, mostMachines);
  return [
    `${id}  ${name}  ${location}  ${tagsNamed(tags)}${state}`,
    ...(spool?.drops ?? []).map(
      ({ kind, reason, count }) => `  dropped for want of room: ${count} ${kind} (${reason})`,
    ),
    ...(spool?.putOff ? [`  put off: ${spool.putOff} runs over which this server fails`] : []),
    ...others.map((m) => `  ${m.boot}  ${words[m.state]}, at ${m.address} since ${new Date(m.since).toISOString()}`),
    ...(machines.length > mostMachines ? [`  and ${machines.length - mostMachines} more; --json names all`] : []),
  ];
}
