import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { plain } from '../../sentinel/protocol/plain.ts';
import { findCustomer } from '../accounts/customers.ts';
import { helpOf } from '../config.ts';
import { Refused } from '../http/refused.ts';
import { backUp } from '../keeping/backup.ts';
import { eraseCustomer, type Receipt, type SignedErasure, signErasureAgain } from '../keeping/erase.ts';
import { exportCustomer, type Progress } from '../keeping/export.ts';
import type { About } from '../keeping/export-file.ts';
import { importCustomer, type KeyLeft } from '../keeping/import.ts';
import { leftovers } from '../keeping/leftovers.ts';
import { type Restored, restore } from '../keeping/restore.ts';
import {
  type Common,
  command,
  configOf,
  inArchive,
  print,
  sameServer,
  withContext,
  withNewContext,
} from './command.ts';

/** `customer export`, `import` and `erase`, below `customer`. */
export function addKeeping(customer: Command): void {
  command(customer, 'export', 'write all that there is of a customer into one file; the server may go on')
    .argument('<customer>', 'name or id')
    .requiredOption('--to <file>', 'the new file; it holds everything, so keep it as safe as the server')
    .action((name: string, options: Common & { to: string }) =>
      withContext(options, async (server) => {
        const { id } = await findCustomer(server, name);
        const about = await showing((progress) => exportCustomer(server, id, options.to, progress));
        print(options, { file: options.to, ...told(about) }, `Exported ${summary(about)} to ${options.to}.`);
      }),
    );

  command(customer, 'import', 'make a customer of an export, with the same ids')
    .argument('<file>')
    .option('--name <name>', 'another name than it had')
    .option('--database-server <name>', 'where its database is to be, as `database-server list` names it')
    .action((file: string, options: Common & { name?: string; databaseServer?: string }) =>
      withNewContext(options, async (server) => {
        const { name, databaseServer } = options;
        const where = { ...(name !== undefined && { name }), ...(databaseServer !== undefined && { databaseServer }) };
        const { about, leftOut, keysLeft, customer } = await showing((progress) =>
          importCustomer(server, file, { ...where, progress }),
        );
        const text = `Imported ${summary(about)} as "${customer.name}"; rows, sums and files are those of the export.`;
        print(
          options,
          { ...customer, ...told(about), usersLeftOut: leftOut, archiveKeysLeft: keysLeft },
          [
            ...[text, ...(customer.suspendedAt === null ? [] : [stillSuspended])],
            ...[...usersLeftOut(leftOut), ...identitiesLeft(keysLeft)],
          ].join('\n'),
        );
      }),
    );

  const everything = 'remove a customer with everything that belongs to it, its archive too, for ever';
  inArchive(command(customer, 'erase', everything))
    .argument('<customer>', 'name or id; the id of one that was erased signs its erasure again')
    .option('--yes', 'do not ask')
    .option('--receipt <file>', 'write down here as JSON what was removed')
    .option(
      '--without-database',
      'its database server is gone for ever: remove the rest, and say in the receipt what may be left',
    )
    .option('--audit-heads <folder>', helpOf('auditHeads'))
    .action((name: string, options: EraseWish) =>
      withContext(
        options,
        async (server) => {
          const again = await signErasureAgain(server, name);
          if (again) return tell(options, again, againText(again));
          if (!options.yes) await confirm(name);
          const { withoutDatabase = false } = options;
          const receipt = await showing((progress) => eraseCustomer(server, name, { withoutDatabase, progress }));
          tell(options, receipt, receiptText(receipt));
        },
        { auditHeads: options.auditHeads, archiveFolder: options.archive },
      ),
    );
}

interface EraseWish extends Common {
  yes?: boolean;
  receipt?: string;
  withoutDatabase?: boolean;
  auditHeads?: string;
  archive?: string;
}

/** `backup`, `restore` and `leftovers`. */
export function addBackup(program: Command): void {
  command(program, 'leftovers', 'list what crashes left: customers half made, copies and backups; older than a day')
    .option('--backups <folder>', 'look below this folder for backups too')
    .option('--remove', 'remove what is listed')
    .action((options: Common & { backups?: string; remove?: boolean }) =>
      withContext(options, async (server) => {
        const found = await leftovers(server, options.backups);
        if (options.remove) for (const one of found) await one.remove();
        const all = found.map(({ path, since, schema }) => ({ path, since, schema }));
        const lines = all.map(
          ({ path, since, schema }) =>
            `${new Date(since).toISOString()}  ${path}${schema === null ? '' : ` and ${schema}`}`,
        );
        const verb = options.remove ? 'Removed:' : 'Left over, and removed with --remove:';
        print(options, { leftovers: all }, all.length === 0 ? 'Nothing is left over.' : [verb, ...lines].join('\n'));
      }),
    );

  command(program, 'backup', 'write all that the server keeps into a new folder; the server may go on')
    .argument('<folder>', 'below which the new one is made; it holds everything, so keep it as safe as the server')
    .action((folder: string, options: Common) =>
      withContext(options, async (server) => {
        const done = await showing((progress) => backUp(server, folder, progress));
        const count = Object.keys(done.customers).length;
        const failures = done.failed.map(({ customer, why }) => `NOT in it: "${customer}" (${why}).`);
        print(options, done, [`Backed up ${counted(count)} to ${done.folder}.`, ...failures].join('\n'));
        if (failures.length > 0) process.exitCode = 1;
      }),
    );

  command(program, 'restore', 'make a server of a backup, in an empty data folder')
    .argument('<backup>', 'the folder that `backup` made')
    .action(async (from: string, options: Common) => {
      const config = configOf(options);
      const done = await showing((progress) => restore(config, from, progress));
      const { dataFolder } = config;
      const failures = done.failed.map((one) => notRestored(one, options));
      const first = `Restored ${counted(done.customers.length)} into ${dataFolder}.`;
      const keys = done.keysLeft.map((key) => ({ ...key, name: `${key.name} of ${key.customer}` }));
      const text = [
        ...failures,
        ...identitiesLeft(keys),
        `${first} Start it with: vedette-server run${sameServer(options)}`,
      ].join('\n');
      print(options, { dataFolder, ...done }, text);
      if (failures.length > 0) process.exitCode = 1;
    });
}

function notRestored({ customer, why, file, databaseServer }: Restored['failed'][number], options: Common): string {
  const where = databaseServer === null ? '' : ` --database-server "${databaseServer}"`;
  const again = `vedette-server customer import "${file}"${where}${sameServer(options)}`;
  return `NOT restored: "${customer}" (${why}). Try it again with: ${again}`;
}

function counted(customers: number): string {
  return customers === 1 ? '1 customer' : `${customers} customers`;
}

function told({ madeAt, tables, files }: About) {
  const rows = Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.rows]));
  return { madeAt, rows, files };
}

function summary({ customer, tables, files }: About): string {
  const rows = (table: string) => (tables[table]?.rows ?? 0).toLocaleString('en');
  const missing = files.missing > 0 ? ` (${files.missing} more were missing on the server)` : '';
  const evidence = `${files.count.toLocaleString('en')} files of evidence${missing}`;
  return `"${customer.name}" with ${rows('runs')} runs, ${rows('transaction_results')} results and ${evidence}`;
}

const stillSuspended = 'It is suspended, as it was; let it in again with `vedette-server customer resume`.';

function usersLeftOut(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const known = 'their passwords can only be checked where they were set';
  return [
    `Users who did not come along, since ${known}: ${names.join(', ')}.`,
    'Add them with `vedette-server user add`.',
  ];
}

function identitiesLeft(keys: readonly KeyLeft[]): string[] {
  if (keys.length === 0) return [];
  const names = keys.map(({ name, recipient }) => `"${name}" (${recipient})`).join(', ');
  const next =
    'see that their keepers have them, else fetch them where they were made: vedette-server archive keys show';
  return [
    `What opens these archive keys was sealed with another master key and did not come along: ${names}; ${next}.`,
  ];
}

function receiptText({ customer, rows, evidence, archive, registry, left, signed, kept }: Receipt): string {
  const counts = Object.entries({ ...rows, ...registry }).map(([table, n]) => `${table.padEnd(20)}${n}`);
  const files = Object.entries({ 'evidence files': evidence, 'archive files': archive });
  const sizes = files.map(([what, { files, bytes }]) => `${what.padEnd(20)}${files} (${bytes} bytes)`);
  const all = [...counts, ...sizes];
  const lines = [`Erased "${customer.name}" (${customer.id}):`, ...all.map((line) => `  ${line}`), `Kept ${kept}.`];
  return [...lines, whereSigned(signed), ...(left === null ? [] : [`NOT removed: ${left}.`])].join('\n');
}

function tell(options: EraseWish, receipt: object, text: string): void {
  if (options.receipt !== undefined) writeFileSync(options.receipt, `${JSON.stringify(receipt, null, 2)}\n`);
  print(options, receipt, text);
}

function againText({ customer, erasedAt, signed }: Pick<Receipt, 'customer' | 'erasedAt' | 'signed'>): string {
  const when = `"${customer.name}" (${customer.id}) was erased at ${new Date(erasedAt).toISOString()}`;
  return `${when}, and that is signed once more.\n${whereSigned(signed)}`;
}

function whereSigned({ folder, file, sha256 }: SignedErasure): string {
  return `Signed in ${join(folder, file)} (SHA-256 ${sha256}): the folder has to be the one that the server and \`audit verify\` are given.`;
}

async function confirm(name: string): Promise<void> {
  const sure = 'give --yes if you are sure';
  if (!process.stdin.isTTY) throw new Refused(`this removes everything of "${name}" for ever: ${sure}`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await lines.question(`This removes everything of "${name}" for ever. Type its name to go on: `);
  lines.close();
  if (typed !== name) throw new Refused('the name was another one; nothing was removed');
}

/** On a terminal, one line that changes while `work` goes on, and is gone when it ends. */
async function showing<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  const line = (text: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${plain(text)}`);
  try {
    return await work(line);
  } finally {
    line('');
  }
}
