import type { Command } from 'commander';
import { findCustomer } from '../accounts/customers.ts';
import { addEnrolmentCode } from '../enrolment/codes.ts';
import { listSentinels, revokeSentinel } from '../enrolment/sentinels.ts';
import { type Common, customerCommand, print, whole, withContext } from './command.ts';

type OfCustomer = Common & { customer: string };

/** `enrolment-code`, `sentinel list` and `sentinel revoke`. */
export function addSentinels(program: Command): void {
  customerCommand(program, 'enrolment-code', 'make a code with which a device becomes a sentinel')
    .requiredOption('--location <name>', 'where the sentinel sits, as the customer calls it')
    .option('--uses <number>', 'how many sentinels may enrol with it', whole, 1)
    .option('--minutes <number>', 'how long it can be used', whole, 60)
    .action(
      ({ location, uses, minutes, ...options }: OfCustomer & { location: string; uses: number; minutes: number }) =>
        withContext(options, async (server) => {
          const { id } = await findCustomer(server, options.customer);
          const expiresAt = server.now() + minutes * 60_000;
          const code = await addEnrolmentCode(server, id, { location, uses, expiresAt });
          const pin = server.authority.pins[0];
          print(options, { code, expiresAt, pin }, `Code: ${code} (for ${minutes} minutes)\nPin:  ${pin}`);
        }),
    );

  const sentinel = program.command('sentinel').description("a customer's sentinels");

  customerCommand(sentinel, 'list', 'list the sentinels').action((options: OfCustomer) =>
    withContext(options, async (server) => {
      const sentinels = await listSentinels(server, (await findCustomer(server, options.customer)).id);
      const lines = sentinels.map((s) => `${s.id}  ${s.name}  ${s.location}${s.revoked ? '  revoked' : ''}`);
      print(options, { sentinels }, lines.join('\n'));
    }),
  );

  customerCommand(sentinel, 'revoke', "take a sentinel's API key away, at once")
    .argument('<id>')
    .action((id: string, options: OfCustomer) =>
      withContext(options, async (server) => {
        await revokeSentinel(server, (await findCustomer(server, options.customer)).id, id);
        print(options, { id }, `The sentinel ${id} can no longer report. Enrol it again to bring it back.`);
      }),
    );
}
