import { once } from 'node:events';
import type { Command } from 'commander';
import { findCustomer } from '../accounts/customers.ts';
import { commandLine } from '../audit/audit.ts';
import { exported } from '../audit/export.ts';
import { type ServerVerdict, type TrailVerdict, verifyServer } from '../audit/verify-server.ts';
import { helpOf } from '../config.ts';
import { type Common, command, print, withContext } from './command.ts';

interface TrailOptions extends Common {
  customer?: string;
}

/** `audit verify` and `audit export`. */
export function addAudit(program: Command): void {
  const group = program
    .command('audit')
    .description('the audit trails: who did what, entry after entry, never changed');

  command(
    group,
    'verify',
    'find every entry that was changed, removed, put in or moved, and trails cut or written anew',
  )
    .option('--customer <name>', "name or id; left out, the provider's trail and every customer's")
    .option('--audit-heads <folder>', helpOf('auditHeads'))
    .action((options: TrailOptions & { auditHeads?: string }) =>
      withContext(
        options,
        async (server) => {
          const only = options.customer && (await findCustomer(server, options.customer)).id;
          const found = await verifyServer(server, only || undefined);
          print(options, found, verdictText(found));
          if (!found.isWhole) process.exitCode = 1;
        },
        { auditHeads: options.auditHeads },
      ),
    );

  command(group, 'export', 'print a trail as JSON lines, the oldest entry first')
    .option('--customer <name>', "name or id; left out, the provider's own trail")
    .action((options: TrailOptions) =>
      withContext(options, async (server) => {
        const id = options.customer === undefined ? null : (await findCustomer(server, options.customer)).id;
        for await (const lines of exported(server, id, commandLine)) {
          if (!process.stdout.write(lines)) await once(process.stdout, 'drain');
        }
      }),
    );
}

/** What was found, for people: whether it was written to, or could not be read, is told apart. */
export function verdictText({ trails, heads, isWhole }: ServerVerdict): string {
  const isChanged = heads.faults.length > 0 || trails.some(({ isUnread, faults }) => !isUnread && faults.length > 0);
  const width = Math.max(...trails.map(({ name }) => name.length)) + 2;
  const latest = heads.latestAt === null ? '' : `, the last of ${new Date(heads.latestAt).toISOString()}`;
  return [
    ...trails.flatMap((trail) => trailLines(trail, width)),
    `${'heads'.padEnd(width)}${heads.files} signed files${latest}`,
    ...heads.faults.map((what) => `${' '.repeat(width)}${what}`),
    isChanged
      ? 'NOT as it was written: keep the databases and the heads as they are, and find out who could write to them.'
      : isWhole
        ? 'Nothing was changed.'
        : unreadExplained,
  ].join('\n');
}

const unreadExplained =
  'Nothing was changed in what could be read. The rest could not be, for the cause that stands there: put it right and give the command again; ' +
  'if it does not come back by itself, keep the heads as they are, and find out who could write to it.';

function trailLines({ name, entries, heads, faults }: TrailVerdict, width: number): string[] {
  const [first, ...more] = faults.map(({ id, what }) => (id === 0 ? what : `entry ${id}: ${what}`));
  const whole = `whole: ${entries} entries, ${heads} signed heads`;
  return [`${name.padEnd(width)}${first ?? whole}`, ...more.map((text) => `${' '.repeat(width)}${text}`)];
}
