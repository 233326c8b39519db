import type { Command } from 'commander';
import { findCustomer } from '../accounts/customers.ts';
import { addAuthorKey, listAuthorKeys, revokeAuthorKey } from '../assignments/author-keys.ts';
import { type Common, customerCommand, print, withContext } from './command.ts';

type OfCustomer = Common & { customer: string };

/** `author-key add`, `list` and `revoke`. */
export function addAuthorKeys(program: Command): void {
  const key = program.command('author-key').description("authors' own keys, whose scripts a customer's sentinels run");

  customerCommand(key, 'add', 'have scripts run that are signed with this key')
    .argument('<public key>', 'as `vedette keys create` printed it')
    .requiredOption('--name <name>', 'whose it is')
    .action((publicKey: string, options: OfCustomer & { name: string }) =>
      withContext(options, async (server) => {
        const { id: customerId } = await findCustomer(server, options.customer);
        const { name } = options;
        const id = await addAuthorKey(server, customerId, { name, publicKey });
        print(options, { id, name }, `Scripts that ${name} signs with the key ${id} are run from now on.`);
      }),
    );

  customerCommand(key, 'list', 'list them, revoked ones too').action((options: OfCustomer) =>
    withContext(options, async (server) => {
      const { id: customerId } = await findCustomer(server, options.customer);
      const rows = await server.customers.use(customerId, listAuthorKeys);
      const keys = rows.map((row) => ({
        ...{ id: row.id, name: row.name, publicKey: row.public_key, addedBy: row.added_by },
        ...{ addedAt: row.added_at, revokedAt: row.revoked_at },
      }));
      const lines = keys.map(({ id, name, publicKey, revokedAt }) => {
        const until = revokedAt === null ? '' : `  revoked ${new Date(revokedAt).toISOString()}`;
        return `${id}  ${name}  ${publicKey}${until}`;
      });
      print(options, { keys }, lines.join('\n'));
    }),
  );

  customerCommand(key, 'revoke', 'have nothing run any more that is signed with this key, at once and for good')
    .argument('<id>')
    .action((id: string, options: OfCustomer) =>
      withContext(options, async (server) => {
        await revokeAuthorKey(server, (await findCustomer(server, options.customer)).id, id);
        print(options, { id }, `What is signed with the key ${id} is run no more.`);
      }),
    );
}
