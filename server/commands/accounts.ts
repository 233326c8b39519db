import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Role } from '../../db/registry/rows.ts';
import { addCustomer, findCustomer, listCustomers } from '../accounts/customers.ts';
import { addUser } from '../accounts/users.ts';
import { type Common, command, print, withContext } from './command.ts';

/** `customer add`, `customer list` and `user add`. */
export function addAccounts(program: Command): void {
  const customer = program.command('customer').description('the customers of this server');

  command(customer, 'add', 'add a customer, with a database of its own')
    .argument('<name>')
    .option('--time-zone <zone>', "zone in which the customer's days begin, such as Europe/Amsterdam", timeZone)
    .action((name: string, options: Common & { timeZone?: string }) =>
      withContext(options, async (server) => {
        const added = await addCustomer(server, name, options.timeZone ? { timeZone: options.timeZone } : {});
        print(options, added, `Added the customer "${added.name}" (${added.id}).`);
      }),
    );

  command(customer, 'list', 'list the customers').action((options: Common) =>
    withContext(options, async (server) => {
      const customers = await listCustomers(server);
      print(options, { customers }, customers.map((c) => `${c.id}  ${c.name}  ${c.timeZone}`).join('\n'));
    }),
  );

  const roles: Role[] = ['viewer', 'author', 'admin', 'operator'];
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
