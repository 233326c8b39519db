import { Argument, type Command, Option } from 'commander';
import type { Role, UserRow } from '../../db/registry/rows.ts';
import type { User } from '../accounts/account-shapes.ts';
import {
  changeRole,
  demandChange,
  disableUser,
  enableUser,
  removeFactor,
  resetUser,
  unlockUser,
} from '../accounts/change-user.ts';
import { findCustomer } from '../accounts/customers.ts';
import type { UserLink } from '../accounts/links.ts';
import { customerRoles, providerRoles } from '../accounts/shapes.ts';
import { addUser, inviteUser, listUsers } from '../accounts/users.ts';
import { commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { type Common, command, print, withContext } from './command.ts';

const roles: readonly Role[] = [...customerRoles, ...providerRoles];

/** What is done to a user with nothing to choose, and what is said of it then. */
const deeds = {
  disable: ['let a user in no more; sessions end', disableUser, 'is let in no more.'],
  enable: ['let a disabled user in again', enableUser, 'is let in again.'],
  unlock: ['let a user try to sign in again at once', unlockUser, 'may try again.'],
  'demand-change': [
    'have a user choose another password at the next sign-in',
    demandChange,
    'chooses another password next.',
  ],
  'remove-factor': ["remove a user's second factor; sessions end", removeFactor, 'has no second factor now.'],
} as const;

/** `user add`, `list`, `reset`, `role`, and the deeds above. */
export function addUsers(program: Command): void {
  const user = program.command('user').description('the people who may sign in');
  add(user);
  list(user);

  command(user, 'reset', 'make a link by which a user chooses another password; sessions end')
    .argument('<name>')
    .action((name: string, options: Common) =>
      withContext(options, async (server) => {
        const link = await resetUser(server, await userNamed(server, name), commandLine);
        print(options, { name, ...link }, toldLink(name, link));
      }),
    );

  command(user, 'role', "change a user's role; sessions end")
    .argument('<name>')
    .addArgument(new Argument('<role>', 'what the user may do').choices(roles))
    .action((name: string, role: Role, options: Common) =>
      withContext(options, async (server) => {
        await changeRole(server, await userNamed(server, name), role, commandLine);
        print(options, { name, role }, `"${name}" is ${role} now.`);
      }),
    );

  for (const [deed, [summary, act, told]] of Object.entries(deeds)) {
    command(user, deed, summary)
      .argument('<name>')
      .action((name: string, options: Common) =>
        withContext(options, async (server) => {
          await act(server, await userNamed(server, name), commandLine);
          print(options, { name }, `"${name}" ${told}`);
        }),
      );
  }
}

function add(user: Command): void {
  command(user, 'add', 'add a user and print the password, or a link by which the user chooses one')
    .argument('<name>')
    .addOption(new Option('--role <role>', 'what the user may do').choices(roles).default('viewer'))
    .option('--customer <name>', 'the customer the user belongs to; none for an operator')
    .option('--invite', 'print a link in place of a password: it is good for 7 days and one use')
    .action((name: string, options: Common & { role: Role; customer?: string; invite?: boolean }) =>
      withContext(options, async (server) => {
        const customerId = options.customer === undefined ? null : (await findCustomer(server, options.customer)).id;
        const wish = { name, role: options.role, customerId };
        if (options.invite) {
          const link = await inviteUser(server, wish, commandLine);
          return print(options, { name, ...link }, `Added the user "${name}".\n${toldLink(name, link)}`);
        }
        const added = await addUser(server, { ...wish, isInitial: true });
        const text = `Added the user "${added.name}" with the password ${added.password}\nIt is not shown again; at the first sign-in another is chosen.`;
        print(options, added, text);
      }),
    );
}

function list(user: Command): void {
  command(user, 'list', 'list the users, and how each account is')
    .option('--customer <name>', 'those of one customer')
    .action((options: Common & { customer?: string }) =>
      withContext(options, async (server) => {
        const of = options.customer === undefined ? 'everybody' : (await findCustomer(server, options.customer)).id;
        const users = await listUsers(server, of);
        print(options, { users }, users.map(line).join('\n'));
      }),
    );
}

async function userNamed({ registry }: ServerContext, name: string): Promise<UserRow> {
  const user = await registry<UserRow>('users').where({ name }).first();
  if (user) return user;
  throw new Refused(`there is no user "${name}": vedette-server user list names them`);
}

function line({ name, role, customer, ...user }: User): string {
  const signs = [
    user.hasSecondFactor && 'second factor',
    user.isInvited && 'invited',
    user.isLocked && 'locked',
    user.isDisabled && 'disabled',
    user.lastSignInAt !== null && `last signed in ${new Date(user.lastSignInAt).toISOString()}`,
  ];
  return [name, role, customer ?? '-', ...signs.filter((sign) => sign !== false)].join('  ');
}

function toldLink(name: string, { path, expiresAt }: UserLink): string {
  const until = new Date(expiresAt).toISOString();
  return `Hand this to "${name}", behind the address of the console; it is good for one use until ${until}:\n${path}`;
}
