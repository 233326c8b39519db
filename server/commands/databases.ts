import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { addDatabaseServer, databaseServers } from '../databases/database-servers.ts';
import { migrateAll } from '../databases/migrate-all.ts';
import { type Common, command, print, whole, withContext, withNewContext } from './command.ts';

/** `migrate`, `database-server add` and `database-server list`. */
export function addDatabases(program: Command): void {
  command(program, 'migrate', "bring every customer's database to the schema of this version")
    .option('--parallel <number>', 'how many at a time', whole, 4)
    .action((options: Common & { parallel: number }) =>
      withContext(options, async (context) => {
        let done = 0;
        const customers = await migrateAll(context, Math.max(1, options.parallel), ({ name, error }) => {
          done += 1;
          if (error !== undefined) process.stderr.write(`${done}: "${name}" could not be migrated: ${error}\n`);
          else if (done % 50 === 0) process.stderr.write(`${done} customers …\n`);
        });
        const failed = customers.filter((one) => one.error !== undefined);
        const changed = customers.filter((one) => one.error === undefined && one.before !== one.version).length;
        const failures =
          failed.length === 0 ? '' : `, ${failed.length} failed: ${failed.map((f) => f.name).join(', ')}`;
        print(
          options,
          { customers, failed: failed.length },
          `${customers.length - failed.length} customers are up to date, ${changed} of them were changed now${failures}`,
        );
        if (failed.length > 0) process.exitCode = 1;
      }),
    );

  const server = program
    .command('database-server')
    .description("servers of MariaDB or MySQL on which customers' databases are made");

  command(server, 'add', 'add a database server, or say anew how it is reached')
    .argument('<name>')
    .argument('<url>', 'mysql://administrator:password@host:port?ca=FILE, or - to read it from stdin')
    .action((name: string, given: string, options: Common) =>
      withNewContext(options, async (context) => {
        const url = given === '-' ? (await text(process.stdin)).trim() : given;
        const added = await addDatabaseServer(context, name, url);
        print(options, added, `Added the database server "${added.name}" at ${added.address}.`);
      }),
    );

  command(server, 'list', 'list the database servers').action((options: Common) =>
    withContext(options, async (context) => {
      const all = await databaseServers(context);
      const lines = all.map((one) => `${one.name}  ${one.address}`);
      print(
        options,
        { databaseServers: all },
        lines.join('\n') || 'None was added: databases are where the registry is.',
      );
    }),
  );
}
