import { type Command, InvalidArgumentError } from 'commander';
import { findCustomer, listCustomers } from '../accounts/customers.ts';
import { scriptKeys } from '../assignments/script-keys.ts';
import { openAuditKey } from '../audit/audit-key.ts';
import { Refused } from '../http/refused.ts';
import { rotateAuditKey, rotateDatabasePassword, rotateMasterKey, rotateScriptKey } from '../keys/rotate.ts';
import { rotatePasswordKey, underEarlierKey } from '../keys/rotate-password-key.ts';
import { type Common, command, configOf, print, withContext } from './command.ts';

const names = ['audit-key', 'database-password', 'master-key', 'password-key', 'script-key'] as const;
const ofCustomers: readonly string[] = ['database-password', 'script-key'];
type Name = (typeof names)[number];

/** `keys list` and `keys rotate`. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description('the secret keys of this server, and their change');

  command(keys, 'list', 'which keys there are, by id where they have one, and how each is changed').action(
    (options: Common) =>
      withContext(options, async (server) => {
        const audit = openAuditKey(server.dataFolder).id;
        const customers = await listCustomers(server);
        const waiting = await underEarlierKey(server);
        const scripts = customers.map(({ id, name }) => ({ customer: name, id: scriptKeys(server, id)[0]?.id ?? '' }));
        const lines = [
          [
            'authority',
            `${server.authority.pins[0]}`,
            `vedette-server certs ${server.authority.isGiven ? 'use' : 'rotate'}`,
          ],
          ['audit-key', audit, 'vedette-server keys rotate audit-key'],
          ['master-key', '', 'vedette-server keys rotate master-key'],
          ['password-key', server.passwordKeys[0].id, 'vedette-server keys rotate password-key'],
          ...server.passwordKeys
            .slice(1)
            .map(({ id }) => ['', id, `the one before, which ${waiting.length} accounts need`]),
          ...scripts.map(({ customer, id }) => [
            'script-key',
            id,
            `vedette-server keys rotate script-key --customer "${customer}"`,
          ]),
        ];
        const text = lines.map(([name = '', id = '', how = '']) => `${name.padEnd(13)} ${id.padEnd(45)} ${how}`);
        const passwords = { ids: server.passwordKeys.map(({ id }) => id), waiting };
        print(options, { authority: server.authority.pins, audit, passwords, scripts }, text.join('\n'));
      }),
  );

  command(keys, 'rotate', 'change a key; what was sealed or signed with the one before is done anew, or still counts')
    .argument('<name>', `one of ${names.join(', ')}`, nameOf)
    .option('--customer <name>', 'whose script-key or database-password')
    .option('--force', 'remove the password-key before, although some accounts need it')
    .action((name: Name, options: Common & { customer?: string; force?: boolean }) =>
      withContext(options, async (server) => {
        if (ofCustomers.includes(name) !== (options.customer !== undefined)) {
          throw new Refused(`--customer is to be given for ${ofCustomers.join(' and ')}, and for nothing else`);
        }
        if (name === 'audit-key') {
          const id = await rotateAuditKey(server);
          print(options, { id }, `The audit key is ${id} now. What earlier keys signed still counts.`);
        } else if (name === 'password-key') {
          const step = await rotatePasswordKey(server, options.force ?? false);
          print(options, { step, id: server.passwordKeys[0].id }, afterPasswordKey[step]);
        } else if (name === 'master-key') {
          const sealedAnew = await rotateMasterKey(server, configOf(options).masterKey);
          print(options, { sealedAnew }, `${sealedAnew} secrets were sealed anew. ${afterMasterKey}`);
        } else if (name === 'database-password') {
          const customer = await findCustomer(server, options.customer ?? '');
          await rotateDatabasePassword(server, customer);
          print(options, { customer: customer.name }, `The database of "${customer.name}" has another password now.`);
        } else {
          const customer = await findCustomer(server, options.customer ?? '');
          const id = await rotateScriptKey(server, customer);
          print(
            options,
            { id },
            `The script key of "${customer.name}" is ${id} now, and all its scripts bear it. ${pinned}`,
          );
        }
      }),
    );
}

const afterPasswordKey = {
  begin:
    'There is a new password key. Whoever signs in is kept under it from now on; the key before still counts for the others.\n' +
    'Once nobody needs it (vedette-server keys list), remove it with the same command.',
  end: 'The password key before is removed, and with it the recovery codes that were made under it.',
};
const afterMasterKey = 'The key before still unseals what was sealed at that moment; given again, it is gone.';
const pinned = 'Where an administrator has set trustedKeys on a device, the new key is to be set there too.';

function nameOf(text: string): Name {
  const name = names.find((one) => one === text);
  if (name) return name;
  throw new InvalidArgumentError(
    `It must be one of ${names.join(', ')}; the authority's: vedette-server certs rotate.`,
  );
}
