import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { monthOf } from '../../db/customer/months.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { type Customer, findCustomer, listCustomers } from '../accounts/customers.ts';
import { bringBack, confirmSet, makeSet, receiptFile } from '../archive/export-set.ts';
import { identityKept, showIdentity, waitingKeys } from '../archive/hand-over.ts';
import {
  addRecipient,
  archiveKeys,
  keptIdentities,
  lossExplained,
  makeArchiveKey,
  type NewArchiveKey,
  retireArchiveKey,
} from '../archive/keys.ts';
import { takeOver } from '../archive/mark.ts';
import type { Moved } from '../archive/move.ts';
import { openMonth } from '../archive/open-month.ts';
import { nameOf } from '../archive/piece.ts';
import { listPieces, type PieceTold } from '../archive/pieces.ts';
import { restoredMonths, restoreMonth, tellRestored } from '../archive/restore.ts';
import { dueOf, runArchive } from '../archive/run-archive.ts';
import { archiveSettings, setArchiveSettings } from '../archive/settings.ts';
import { verifyArchive } from '../archive/verify-archive.ts';
import { commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { type Common, command, customerCommand, inArchive, print, whole, withContext } from './command.ts';

interface Archive extends Common {
  archive?: string;
}

/** `archive …`: what leaves the databases, and where it is. */
export function addArchive(program: Command): void {
  const archive = program.command('archive').description('months that have left the databases for offline storage');
  addMoves(archive);
  addTakeOver(archive);
  addLooks(archive);
  addSets(archive);
  addSettings(archive);
  addArchiveKeys(archive.command('keys').description('to whom a customer’s archive is sealed'));
}

function withArchive(options: Archive, work: (server: ServerContext) => Promise<void>): Promise<void> {
  return withContext(options, work, { archiveFolder: options.archive });
}

interface RunWish extends Archive {
  customer?: string;
  before?: number;
  dryRun?: boolean;
}

function addMoves(archive: Command): void {
  inArchive(command(archive, 'run', 'move what is due into the archive now; the server may go on'))
    .option('--customer <name>', 'name or id of one customer; left out, all')
    .option('--before <month>', 'months before this one (2026-03) though they are younger than the setting', monthStart)
    .option('--dry-run', 'say what would be moved, and move nothing')
    .action((options: RunWish) =>
      withArchive(options, async (server) => {
        const wish = { before: options.before };
        const done: Done[] = [];
        for (const customer of await chosen(server, options.customer)) {
          const due = await dueOf(server, customer.id, wish);
          if (options.dryRun) done.push({ customer: customer.name, due: due.map(nameOf) });
          else done.push(await moveAll(server, customer, wish));
        }
        print(options, { customers: done }, done.map(sentence).join('\n'));
        if (done.some(({ failed }) => failed !== undefined)) process.exitCode = 1;
      }),
    );
}

function addTakeOver(archive: Command): void {
  inArchive(
    command(archive, 'take-over', 'go on with the archive of a server that is gone for good, as after a restore'),
  ).action((options: Archive) =>
    withArchive(options, async (server) => {
      const folder = await takeOver(server);
      const others = 'A server that wrote there before can only read it from now on';
      print(options, { folder }, `The archive in ${folder} is this server's. ${others}.`);
    }),
  );
}

interface Done {
  customer: string;
  due?: string[];
  moved?: Moved[];
  failed?: string;
}

/** One customer that fails holds up no other. */
async function moveAll(
  server: ServerContext,
  { id, name }: Customer,
  wish: { before?: number | undefined },
): Promise<Done> {
  const moved: Moved[] = [];
  try {
    moved.push(...(await runArchive(server, id, wish)));
    return { customer: name, moved };
  } catch (error) {
    return { customer: name, moved, failed: error instanceof Error ? error.message : String(error) };
  }
}

function sentence({ customer, due, moved = [], failed }: Done): string {
  if (due) return due.length === 0 ? `"${customer}": nothing is due.` : `"${customer}": due are ${due.join(', ')}.`;
  const pieces = moved.map(
    ({ piece, runs, results, bytes }) => `${piece} (${runs} runs, ${results} results, ${bytes} bytes sealed)`,
  );
  const what = pieces.length === 0 ? 'nothing was moved' : `moved ${pieces.join(', ')}`;
  return `"${customer}": ${what}.${failed === undefined ? '' : ` FAILED: ${failed}.`}`;
}

async function chosen(server: ServerContext, name: string | undefined): Promise<Customer[]> {
  return name === undefined ? listCustomers(server) : [await findCustomer(server, name)];
}

interface LookWish extends Archive {
  customer: string;
  identity?: string;
  sample?: number;
  days?: number;
  to?: string;
}

const opensIt =
  'file with the identity (AGE-SECRET-KEY-1…); left out, the copy that the customer left here, if there is one';

function addLooks(archive: Command): void {
  inArchive(
    customerCommand(archive, 'list', 'what is in the archive, with size and state, and what is restored'),
  ).action((options: LookWish) =>
    withArchive(options, async (server) => {
      const { id } = await findCustomer(server, options.customer);
      const pieces = await server.customers.use(id, (db) => listPieces(server, db));
      const restored = restoredMonths(server, id).map(({ month, until }) => ({ month, until }));
      const lines = pieces.map(pieceLine);
      const back = restored.map(({ month, until }) => `${month} is restored until ${new Date(until).toISOString()}`);
      print(options, { pieces, restored }, [...lines, ...back].join('\n') || 'Nothing is in the archive.');
    }),
  );

  inArchive(customerCommand(archive, 'verify', 'whether months are all there, and their files as they were sealed'))
    .option('--sample <n>', 'only so many, chosen at random', whole)
    .option('--identity <file>', `open them and count their rows too: ${opensIt}`)
    .action((options: LookWish) =>
      withArchive(options, async (server) => {
        const { id } = await findCustomer(server, options.customer);
        const identities = await identitiesFor(server, id, options.identity);
        const result = await verifyArchive(server, id, { sample: options.sample, identities });
        const { verified, opened, faults } = result;
        const all = `${verified.length} pieces of the archive verified, ${opened.length} of them opened and counted`;
        const lines = faults.map(({ piece, fault }) => `FAULT ${piece}: ${fault}`);
        print(options, result, [`${all}; ${faults.length} faults.`, ...lines].join('\n'));
        if (faults.length > 0) process.exitCode = 1;
      }),
    );

  inArchive(customerCommand(archive, 'restore', 'bring a month back beside the live database; it goes again by itself'))
    .argument('<month>', 'such as 2025-01', monthStart)
    .option('--identity <file>', opensIt)
    .option('--days <n>', 'how long it stays: 7 unless said otherwise', whole, 7)
    .action((from: number, options: LookWish) =>
      withArchive(options, async (server) => {
        const { id } = await findCustomer(server, options.customer);
        const identities = await identitiesFor(server, id, options.identity);
        const until = server.now() + (options.days ?? 0) * 86_400_000;
        const done = await restoreMonth(server, id, monthOf(from), { identities, until });
        await tellRestored(server, id, done.month, commandLine);
        const text = `Restored ${done.month}: ${done.runs} runs, ${done.results} results, in ${done.file} until ${new Date(until).toISOString()}.`;
        print(options, done, text);
      }),
    );

  inArchive(customerCommand(archive, 'open', 'put the opened files of a month into a new folder, for other tools'))
    .argument('<month>', 'such as 2025-01', monthStart)
    .requiredOption('--to <folder>', 'the new folder; what is in it is no longer sealed')
    .option('--identity <file>', opensIt)
    .action((from: number, options: LookWish) =>
      withArchive(options, async (server) => {
        const { id } = await findCustomer(server, options.customer);
        const identities = await identitiesFor(server, id, options.identity);
        const { to = '' } = options;
        const pieces = await openMonth(server, id, monthOf(from), identities, to);
        await tellRestored(server, id, pieces.join(', '), commandLine);
        print(options, { pieces, to }, `Opened ${pieces.join(', ')} into ${to}.`);
      }),
    );
}

function addSets(archive: Command): void {
  inArchive(customerCommand(archive, 'carry', 'copy the archive into a folder to carry away, with a receipt'))
    .requiredOption('--to <folder>', 'the new folder')
    .action((options: LookWish) =>
      withArchive(options, async (server) => {
        const { id } = await findCustomer(server, options.customer);
        const { to = '' } = options;
        const pieces = await makeSet(server, id, to);
        const next = `once it lies safe elsewhere: vedette-server archive carried ${to}/${receiptFile}`;
        print(options, { pieces, to }, `Copied ${pieces.join(', ') || 'nothing'} to ${to}; ${next}`);
      }),
    );

  inArchive(customerCommand(archive, 'carried', 'a set lies safe elsewhere: keep nothing of it here but its manifests'))
    .argument('<receipt>', 'the receipt.json of the set')
    .action((receipt: string, options: LookWish) =>
      withArchive(options, async (server) => {
        const { id } = await findCustomer(server, options.customer);
        const pieces = await confirmSet(server, id, receipt);
        print(options, { pieces }, `Only the manifests are here any more of ${pieces.join(', ') || 'nothing'}.`);
      }),
    );

  inArchive(customerCommand(archive, 'bring-back', 'copy a set that was carried away back into the archive'))
    .argument('<folder>', 'the set')
    .action((folder: string, options: LookWish) =>
      withArchive(options, async (server) => {
        const { id } = await findCustomer(server, options.customer);
        const pieces = await bringBack(server, id, folder);
        print(options, { pieces }, `Back in the archive: ${pieces.join(', ') || 'nothing'}.`);
      }),
    );
}

function pieceLine({ name, state, runs, results, bytes, verifiedAt, fault, folder }: PieceTold): string {
  const size = runs === null ? '' : `${runs} runs, ${results} results, ${bytes} bytes`;
  const place = state === 'removed' && folder === null ? 'carried away' : state;
  const looked = verifiedAt === null ? '' : `verified ${new Date(verifiedAt).toISOString().slice(0, 10)}`;
  return [name.padEnd(10), place.padEnd(12), size, looked, fault === null ? '' : `FAULT: ${fault}`]
    .join('  ')
    .trimEnd();
}

/** Of a file as age-keygen writes it; else those that the customer left here. */
async function identitiesFor(server: ServerContext, id: Customer['id'], file: string | undefined): Promise<string[]> {
  if (file === undefined) return keptIdentities(server, id);
  const lines = readFileSync(file, 'utf8').split('\n');
  const found = lines.map((line) => line.trim()).filter((line) => line.startsWith('AGE-SECRET-KEY-1'));
  if (found.length > 0) return found;
  throw new Refused(`${file} holds no identity of age: a line that begins with AGE-SECRET-KEY-1`);
}

interface SettingsWish extends Common {
  customer: string;
  monthsLive?: number;
  hourMonths?: number;
  eraseMonths?: number | null;
}

function addSettings(archive: Command): void {
  customerCommand(
    archive,
    'settings',
    'how long months stay in the database and in the archive; with options, change it',
  )
    .option('--months-live <n>', 'whole months that stay in the database: at least 1, 18 unless it was changed', whole)
    .option('--hour-months <n>', 'how many months longer figures by the hour stay, 6 unless it was changed', whole)
    .option(
      '--erase-months <n>',
      'erase months from the archive after so many; never: keep them for ever',
      wholeOrNever,
    )
    .action((options: SettingsWish) =>
      withContext(options, async (server) => {
        const { id, name } = await findCustomer(server, options.customer);
        const row = (await server.registry<CustomerRow>('customers').where({ id }).first()) as CustomerRow;
        const before = archiveSettings(row);
        const { monthsLive = before.monthsLive, hourMonths = before.hourMonths } = options;
        const { eraseMonths = before.eraseMonths } = options;
        const wish = { monthsLive, hourMonths, eraseMonths };
        const given = [options.monthsLive, options.hourMonths, options.eraseMonths];
        if (given.some((one) => one !== undefined)) await setArchiveSettings(server, id, wish, commandLine);
        const kept = eraseMonths === null ? 'for ever' : `until they are ${eraseMonths} months old`;
        const text = `Months of "${name}" stay in the database for ${monthsLive} months, and in the archive ${kept}.
Figures by the hour stay for ${hourMonths} months more, those by the day for ever.`;
        print(options, { customer: name, ...wish }, text);
      }),
    );
}

interface KeyWish extends Common {
  customer: string;
  name: string;
  keepCopy?: boolean;
  to?: string;
}

function addArchiveKeys(keys: Command): void {
  customerCommand(keys, 'list', 'to whom months are sealed, and to whom they were').action(
    (options: Common & { customer: string }) =>
      withContext(options, async (server) => {
        const { id } = await findCustomer(server, options.customer);
        const all = (await archiveKeys(server, id)).map((key) => ({
          ...{ recipient: key.recipient, name: key.name, addedBy: key.added_by, createdAt: key.created_at },
          ...{ retiredAt: key.retired_at, copyKept: key.identity !== null, waiting: key.waiting !== null },
        }));
        const lines = all.map(({ recipient, name, retiredAt, copyKept, waiting }) => {
          const state = retiredAt === null ? 'in use' : `retired ${new Date(retiredAt).toISOString().slice(0, 10)}`;
          const kept = copyKept ? '  (a sealed copy is kept here)' : '';
          return `${recipient}  ${state}  ${name}${kept}${waiting ? '  (waits for its keeper)' : ''}`;
        });
        print(options, { keys: all }, lines.join('\n') || 'There is no key: nothing can go into the archive.');
      }),
  );

  customerCommand(keys, 'make', `make a key and tell its identity this once. ${lossExplained}`)
    .requiredOption('--name <text>', 'who keeps the identity, and where')
    .option('--keep-copy', 'the customer agrees that this server keeps a sealed copy, and can read the archive too')
    .option('--to <file>', 'write the identity into this new file, and do not print it')
    .action((options: KeyWish) =>
      withContext(options, async (server) => {
        const customer = await findCustomer(server, options.customer);
        const { name, keepCopy = false, to } = options;
        if (to !== undefined) writeFileSync(to, '', { flag: 'wx', mode: 0o600 });
        const { recipient, identity } = await makeArchiveKey(server, customer, { name, keepCopy }, commandLine);
        if (to !== undefined) writeFileSync(to, `# public key: ${recipient}\n${identity}\n`);
        const where = to === undefined ? `Identity, told this once:\n${identity}` : `Its identity is in ${to}.`;
        const told = to === undefined ? { recipient, identity } : { recipient, file: to };
        print(options, told, `Recipient: ${recipient}\n${where}\n\n${lossExplained}`);
      }),
    );

  customerCommand(keys, 'show', `show what opens the keys that wait for their keeper. ${lossExplained}`).action(
    (options: KeyWish) =>
      withContext(options, async (server) => {
        const customer = await findCustomer(server, options.customer);
        const told: NewArchiveKey[] = [];
        for (const { recipient } of await waitingKeys(server, customer.id)) {
          told.push({ recipient, identity: await showIdentity(server, customer, recipient, commandLine) });
        }
        const lines = told.map(({ recipient, identity }) => `# public key: ${recipient}\n${identity}\n`);
        const next = `${lossExplained}\n\nOnce it is kept: vedette-server archive keys kept RECIPIENT`;
        const text = told.length === 0 ? 'No key waits for its keeper.' : `${lines.join('\n')}\n${next}`;
        print(options, { keys: told }, text);
      }),
  );

  customerCommand(keys, 'kept', 'what opens a key is kept safe: from now on it is not here any more')
    .argument('<recipient>', 'age1…')
    .option('--keep-copy', 'the customer agrees that this server keeps a sealed copy, and can read the archive too')
    .action((recipient: string, { keepCopy = false, ...options }: KeyWish) =>
      withContext(options, async (server) => {
        const customer = await findCustomer(server, options.customer);
        await identityKept(server, customer, recipient, { keepCopy }, commandLine);
        const text = keepCopy ? 'A sealed copy stays here.' : 'Nothing here opens the archive with it any more.';
        print(options, { recipient, copyKept: keepCopy }, text);
      }),
    );

  customerCommand(keys, 'add', 'seal to a key that was made elsewhere, as with age-keygen: its identity is never here')
    .argument('<recipient>', 'age1…')
    .requiredOption('--name <text>', 'who keeps the identity, and where')
    .action((recipient: string, options: KeyWish) =>
      withContext(options, async (server) => {
        const customer = await findCustomer(server, options.customer);
        await addRecipient(server, customer, { recipient, name: options.name }, commandLine);
        print(options, { recipient }, `From now on months of "${customer.name}" are sealed to ${recipient} too.`);
      }),
    );

  customerCommand(keys, 'retire', 'seal nothing more to a key; what was sealed to it stays so')
    .argument('<recipient>', 'age1…')
    .action((recipient: string, options: Common & { customer: string }) =>
      withContext(options, async (server) => {
        const customer = await findCustomer(server, options.customer);
        await retireArchiveKey(server, customer, recipient, commandLine);
        print(options, { recipient }, `From now on nothing of "${customer.name}" is sealed to ${recipient}.`);
      }),
    );
}

function monthStart(text: string): number {
  const at = /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? Date.parse(`${text}-01T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(at)) return monthOf(at).from;
  throw new InvalidArgumentError('It must be a month, such as 2026-03.');
}

function wholeOrNever(text: string): number | null {
  return text === 'never' ? null : whole(text);
}
