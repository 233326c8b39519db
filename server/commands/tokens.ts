import { type Command, InvalidArgumentError, Option } from 'commander';
import { findCustomer } from '../accounts/customers.ts';
import { type Token, TokenWish } from '../accounts/shapes.ts';
import { addToken, listTokens, revokeToken } from '../accounts/tokens.ts';
import { commandLine } from '../audit/audit.ts';
import { scopes } from '../http/permissions.ts';
import { Refused } from '../http/refused.ts';
import { faults } from '../http/router.ts';
import { type Common, customerCommand, print, whole, withContext } from './command.ts';

type OfCustomer = Common & { customer: string };
type TokenOptions = OfCustomer & { scope: string[]; days: number };

const dayMs = 86_400_000;

/** `token add`, `list` and `revoke`. */
export function addTokens(program: Command): void {
  const token = program.command('token').description('with which programs ask the API for a customer');

  customerCommand(token, 'add', 'make a token and print it, this once')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--scope <permission...>', 'what it may do').choices(scopes).makeOptionMandatory())
    .option('--days <number>', 'how long it can be used, at most 365', days, 90)
    .action((name: string, { days, ...options }: TokenOptions) =>
      withContext(options, async (server) => {
        const wish = TokenWish.safeParse({ name, scope: options.scope, lifeMs: days * dayMs });
        if (!wish.success) throw new Refused(`no such token can be made: ${faults(wish.error)}`);
        const { id } = await findCustomer(server, options.customer);
        const added = await addToken(server, id, wish.data, commandLine);
        const until = new Date(added.token.expiresAt).toISOString();
        print(
          options,
          { ...added.token, text: added.text },
          `Token: ${added.text} (until ${until})\nIt is not shown again.`,
        );
      }),
    );

  customerCommand(token, 'list', 'list them; the tokens themselves are never shown again').action(
    (options: OfCustomer) =>
      withContext(options, async (server) => {
        const tokens = await listTokens(server, (await findCustomer(server, options.customer)).id);
        print(options, { tokens }, tokens.map((one) => line(one, server.now())).join('\n'));
      }),
  );

  customerCommand(token, 'revoke', 'end a token, at once')
    .argument('<id>')
    .action((id: string, options: OfCustomer) =>
      withContext(options, async (server) => {
        const customer = await findCustomer(server, options.customer);
        if (!(await revokeToken(server, customer.id, id, commandLine))) {
          throw new Refused(`"${customer.name}" has no token ${id}: see vedette-server token list`);
        }
        print(options, { id }, 'Revoked.');
      }),
    );
}

function line(token: Token, now: number): string {
  const { id, start, name, scope, expiresAt, revokedAt, lastUsedAt, lastUsedFrom, addedBy } = token;
  const until = `${expiresAt > now ? 'until' : 'expired'} ${new Date(expiresAt).toISOString()}`;
  const used =
    lastUsedAt === null ? 'never used' : `last used ${new Date(lastUsedAt).toISOString()} from ${lastUsedFrom}`;
  return `${id}  ${start}…  ${name}  ${scope.join(', ')}  ${revokedAt === null ? until : 'revoked'}  ${used}  by ${addedBy}`;
}

function days(text: string): number {
  const asked = whole(text);
  if (asked >= 1 && asked <= 365) return asked;
  throw new InvalidArgumentError('It must be from 1 to 365.');
}
