import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CalendarWish, setCalendar } from '../accounts/calendar-settings.ts';
import { type CustomerOptions, findCustomer, listCustomers } from '../accounts/customers.ts';
import { newCustomer } from '../accounts/new-customer.ts';
import { type Renewal, renewals, setPasswordRenewal } from '../accounts/renewal-settings.ts';
import { resumeCustomer, suspendCustomer } from '../accounts/suspend.ts';
import { timeZoneCalled } from '../accounts/time-zone.ts';
import { lossExplained } from '../archive/keys.ts';
import { commandLine } from '../audit/audit.ts';
import { type Common, command, print, sameServer, withContext, withNewContext } from './command.ts';
import { addKeeping } from './keeping.ts';

/** `customer add`, `list`, `set`, `suspend` and `resume`. */
export function addAccounts(program: Command): void {
  const customer = program.command('customer').description('the customers of this server');

  command(customer, 'add', 'add a customer, with a database of its own')
    .argument('<name>')
    .option(
      '--time-zone <zone>',
      "zone in which the customer's days begin, such as Europe/Amsterdam; left out, that of this machine",
      timeZone,
    )
    .option('--database-server <name>', 'where its database is made; left out, beside the registry')
    .action((name: string, options: Common & CustomerOptions) =>
      withNewContext(options, async (server) => {
        const added = await newCustomer(server, name, options, commandLine);
        const text = `Added the customer "${added.name}" (${added.id}).
The key of its archive waits for its administrator, who finds it on the page Archive and keeps it:
${added.archiveKey}
To hand it over by other ways: vedette-server archive keys show --customer ${JSON.stringify(name)}${sameServer(options)}
${lossExplained}`;
        print(options, added, text);
      }),
    );

  command(customer, 'list', 'list the customers').action((options: Common) =>
    withContext(options, async (server) => {
      const customers = await listCustomers(server);
      const lines = customers.map(
        (c) => `${c.id}  ${c.name}  ${c.timeZone}${c.suspendedAt === null ? '' : '  suspended'}`,
      );
      const next = `There are no customers yet: vedette-server customer add NAME${sameServer(options)}`;
      print(options, { customers }, lines.join('\n') || next);
    }),
  );

  command(customer, 'set', "change the time zone of a customer's days, its business hours, or whose passwords end")
    .argument('<customer>', 'name or id')
    .option('--time-zone <zone>', 'zone in which its days begin, such as Europe/Amsterdam', timeZone)
    .option('--business-hours <hours>', 'hours of a week in that zone, such as "mon-fri 08:00-18:00"')
    .addOption(new Option('--renew-passwords <whose>', 'whose passwords are renewed every 90 days').choices(renewals))
    .action((customer: string, options: Common & CalendarWish & { renewPasswords?: Renewal }, set: Command) => {
      const { timeZone, businessHours, renewPasswords } = options;
      const ofCalendar = timeZone !== undefined || businessHours !== undefined;
      if (!ofCalendar && !renewPasswords)
        set.error('error: nothing is to be changed: give --time-zone, --business-hours or --renew-passwords');
      return withContext(options, async (server) => {
        const found = await findCustomer(server, customer);
        if (renewPasswords) await setPasswordRenewal(server, found.id, renewPasswords, commandLine);
        if (!ofCalendar) return print(options, { id: found.id }, 'It counts at once.');
        await setCalendar(server, found, { ...(timeZone && { timeZone }), ...(businessHours && { businessHours }) });
        const told = `Days and hours of "${found.name}" are reckoned anew while the server runs; reports are whole after that.`;
        print(options, { id: found.id }, told);
      });
    });

  command(customer, 'suspend', 'let nobody of a customer in: users are told so, sentinels keep their results meanwhile')
    .argument('<customer>', 'name or id')
    .option('--why <text>', 'what its users are told')
    .action((customer: string, options: Common & { why?: string }) =>
      withContext(options, async (server) => {
        const found = await findCustomer(server, customer);
        await suspendCustomer(server, found, options.why);
        print(options, { id: found.id }, `"${found.name}" is suspended. Nothing of it is removed.`);
      }),
    );

  command(customer, 'resume', 'let a suspended customer in again')
    .argument('<customer>', 'name or id')
    .action((customer: string, options: Common) =>
      withContext(options, async (server) => {
        const found = await findCustomer(server, customer);
        await resumeCustomer(server, found);
        const told = `"${found.name}" is let in again. Its sentinels send what they kept within 5 minutes.`;
        print(options, { id: found.id }, told);
      }),
    );

  addKeeping(customer);
}

function timeZone(text: string): string {
  const zone = timeZoneCalled(text);
  if (zone === undefined) {
    throw new InvalidArgumentError('It must be the name of a time zone, such as Europe/Amsterdam.');
  }
  return zone;
}
