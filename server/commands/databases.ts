import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { addDatabaseServer, databaseServers } from '../databases/database-servers.ts';
import { type Common, command, print, withContext } from './command.ts';

/** `database-server add` and `database-server list`. */
export function addDatabases(program: Command): void {
  const server = program
    .command('database-server')
    .description("servers of MariaDB or MySQL on which customers' databases are made");

  command(server, 'add', 'add a database server, or say anew how it is reached')
    .argument('<name>')
    .argument('<url>', 'mysql://administrator:password@host:port?ca=FILE, or - to read it from stdin')
    .action((name: string, given: string, options: Common) =>
      withContext(options, async (context) => {
        const url = given === '-' ? (await text(process.stdin)).trim() : given;
        const added = await addDatabaseServer(context, name, url);
        print(options, added, `Added the database server "${added.name}" at ${added.address}.`);
      }),
    );

  command(server, 'list', 'list the database servers').action((options: Common) =>
    withContext(options, async (context) => {
      const all = await databaseServers(context);
      print(options, { databaseServers: all }, all.map((one) => `${one.name}  ${one.address}`).join('\n'));
    }),
  );
}
