import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Role } from '../../db/registry/rows.ts';
import { type CalendarWish, setCalendar } from '../accounts/calendar-settings.ts';
import { addCustomer, type CustomerOptions, findCustomer, listCustomers } from '../accounts/customers.ts';
import { resumeCustomer, suspendCustomer } from '../accounts/suspend.ts';
import { addUser } from '../accounts/users.ts';
import { type Common, command, print, withContext } from './command.ts';
import { addKeeping } from './keeping.ts';

/** `customer add`, `list`, `set`, `suspend` and `resume`, and `user add`. */
export function addAccounts(program: Command): void {
  const customer = program.command('customer').description('the customers of this server');

  command(customer, 'add', 'add a customer, with a database of its own')
    .argument('<name>')
    .option('--time-zone <zone>', "zone in which the customer's days begin, such as Europe/Amsterdam", timeZone)
    .option('--database-server <name>', 'where its database is made; left out, beside the registry')
    .action((name: string, options: Common & CustomerOptions) =>
      withContext(options, async (server) => {
        const added = await addCustomer(server, name, options);
        print(options, added, `Added the customer "${added.name}" (${added.id}).`);
      }),
    );

  command(customer, 'list', 'list the customers').action((options: Common) =>
    withContext(options, async (server) => {
      const customers = await listCustomers(server);
      print(
        options,
        { customers },
        customers
          .map((c) => `${c.id}  ${c.name}  ${c.timeZone}${c.suspendedAt === null ? '' : '  suspended'}`)
          .join('\n'),
      );
    }),
  );

  command(customer, 'set', "change the time zone of a customer's days, or its business hours")
    .argument('<customer>', 'name or id')
    .option('--time-zone <zone>', 'zone in which its days begin, such as Europe/Amsterdam', timeZone)
    .option('--business-hours <hours>', 'hours of a week in that zone, such as "mon-fri 08:00-18:00"')
    .action((customer: string, options: Common & CalendarWish, set: Command) => {
      const { timeZone, businessHours } = options;
      if (timeZone === undefined && businessHours === undefined)
        set.error('error: nothing is to be changed: give --time-zone, --business-hours or both');
      return withContext(options, async (server) => {
        const found = await findCustomer(server, customer);
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

  const roles: Role[] = ['viewer', 'author', 'admin', 'operator', 'operator-admin'];
  command(program.command('user').description('the people who may sign in'), 'add', 'add a user and print the password')
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what the user may do').choices(roles).default('viewer'))
    .option('--customer <name>', 'the customer the user belongs to; none for an operator')
    .action((name: string, options: Common & { role: Role; customer?: string }) =>
      withContext(options, async (server) => {
        const customerId = options.customer === undefined ? null : (await findCustomer(server, options.customer)).id;
        const added = await addUser(server, { name, role: options.role, customerId });
        const text = `Added the user "${added.name}" with the password ${added.password}\nIt is not shown again.`;
        print(options, added, text);
      }),
    );
}

function timeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new InvalidArgumentError('It must be the name of a time zone, such as Europe/Amsterdam.');
  }
}
