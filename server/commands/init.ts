import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import type { UserRow } from '../../db/registry/rows.ts';
import { addUser } from '../accounts/users.ts';
import { giveCertificate } from '../certificates/give.ts';
import { usualSeenWithinDays } from '../certificates/rotation.ts';
import { helpOf } from '../config.ts';
import { isDatabaseUrl } from '../databases/database-url.ts';
import { type Common, command, configOf, print, sameServer, withNewContext } from './command.ts';
import { afterGiving, type GivenOptions, givenIn, takeCertificate } from './given-options.ts';
import { serverUnit } from './systemd-unit.ts';

const program = fileURLToPath(new URL('../../bin/vedette-server.js', import.meta.url));

/** `init` and `unit`: from an empty machine to a server that keeps running. */
export function addInit(parent: Command): void {
  const setting = 'set a server up: its folder, keys, registry and first operator; again, it changes nothing';
  takeCertificate(command(parent, 'init', setting))
    .option('--operator <name>', 'name of the first operator', 'operator')
    .option('--host-name <name...>', helpOf('hostNames'))
    .action((options: Common & GivenOptions & { operator: string; hostName?: string[] }) =>
      withNewContext(options, async (server) => {
        const given = givenIn(options, configOf(options, { hostNames: options.hostName }).hostNames);
        const waiting = { force: false, seenWithinDays: usualSeenWithinDays };
        const certificate = given && (await giveCertificate(server, given, waiting));
        const { dataFolder, authority } = server;
        const [pin] = authority.pins;
        const there = await server.registry<UserRow>('users').whereNull('customer_id').first();
        const added = there
          ? undefined
          : await addUser(server, {
              ...{ name: options.operator, role: 'operator-admin', customerId: null, isInitial: true },
            });
        const operator = added ?? { name: there?.name };
        const who = added
          ? `Operator    ${added.name}, password ${added.password}; for the first sign-in, where another is chosen; it is not shown again`
          : `Operator    ${there?.name}, who was there already`;
        const told = certificate ? [afterGiving[certificate]] : [];
        const lines = [...told, `Data        ${dataFolder}`, `Pin         ${pin}`, who, ...nextSteps(options)];
        const value = { dataFolder, pins: authority.pins, operator, ...(certificate && { certificate }) };
        print(options, value, lines.join('\n'));
      }),
    );

  command(parent, 'unit', 'print a systemd unit that keeps the server running, with the settings given here')
    .requiredOption('--user <name>', 'account that the server runs as; the data folder must be its own')
    .option('--host <address>', helpOf('host'))
    .option('--port <number>', helpOf('port'))
    .option('--host-name <name...>', helpOf('hostNames'))
    .option('--environment-file <file>', 'file with what is secret, such as VEDETTE_DATABASE_URL=mysql://…')
    .action(
      (
        options: Common & { user: string; host?: string; port?: string; hostName?: string[]; environmentFile?: string },
        command: Command,
      ) => {
        const { host, port, hostName: hostNames } = options;
        const config = configOf(options, { host, port, hostNames });
        const folder = resolve(config.dataFolder);
        const databases = folderOf(config.databaseUrl);
        if (config.databaseUrl !== undefined && databases === undefined && options.environmentFile === undefined) {
          command.error(`error: ${passwordInUnit}`);
        }
        const names = config.hostNames.flatMap((name) => ['--host-name', name]);
        const where = ['--data', folder, '--host', config.host, '--port', String(config.port), ...names];
        if (databases !== undefined) where.push('--database', databases);
        if (options.logLevel !== undefined) where.push('--log-level', config.logLevel);
        const unit = serverUnit({
          command: [process.execPath, program, 'run', ...where],
          folders: [folder, ...(databases === undefined || databases === folder ? [] : [databases])],
          account: options.user,
          ...(options.environmentFile !== undefined && { environmentFile: resolve(options.environmentFile) }),
          ...(config.port < 1024 && { lowPort: true }),
        });
        print(options, { unit }, unit.trimEnd());
      },
    );
}

const passwordInUnit =
  'the address of the databases holds a password, and every user of the machine can read a unit: write ' +
  'VEDETTE_DATABASE_URL=mysql://… into a file that root alone reads, and give it with --environment-file FILE';

/** The folder that a setting for the databases means; undefined where it means a database server, or nothing. */
function folderOf(databaseUrl: string | undefined): string | undefined {
  return databaseUrl === undefined || isDatabaseUrl(databaseUrl) ? undefined : resolve(databaseUrl);
}

function nextSteps(options: Common): string[] {
  const same = sameServer(options);
  const steps = [
    [`run --host-name NAME${same}`, 'start it, or print a systemd unit: vedette-server unit --help'],
    [`customer add "Acme"${same}`, 'a customer with a database of its own'],
    [`user add alice --customer Acme --role admin${same}`, 'who may sign in there'],
  ] as const;
  const width = Math.max(...steps.map(([given]) => given.length));
  return ['', 'Next:', ...steps.map(([given, what]) => `  vedette-server ${given.padEnd(width)}  ${what}`)];
}
