import type { Command } from 'commander';
import { Misuse } from '../failure.ts';
import { surroundings } from '../surroundings.ts';
import { askHidden, piped, print } from '../terminal.ts';
import { accountAt, keepAccount } from './account.ts';
import { Api } from './api.ts';

interface LoginOptions {
  pin?: string;
  json?: boolean;
}

/** Adds `login`. */
export function addLogin(program: Command): void {
  program
    .command('login')
    .description('say which server scripts go to, and as whom; kept for this user alone')
    .argument('<server>', 'its address, as in https://vedette.example:8443')
    .option('--pin <pin>', "one of the server's pins, as its operator gave it")
    .option('--json', 'print one line of JSON')
    .addHelpText(
      'after',
      '\nThe token is asked for, or read from a pipe; an administrator makes it on the page Tokens, with the scope "read" and\n' +
        '"change monitors". In CI set VEDETTE_SERVER, VEDETTE_PIN and VEDETTE_TOKEN instead.',
    )
    .action(async (server: string, { pin = surroundings().pin, json }: LoginOptions) => {
      if (pin === undefined) throw new Misuse('Give the pin of the server with --pin: its operator has it.');
      const account = await accountAt(server, pin, await tokenGiven());
      await using api = new Api(account);
      const { customer, name, scope } = await api.whose();
      const file = keepAccount(account);
      const may = `It may: ${scope.join(', ')}.`;
      print(json, { customer, token: name, scope, file }, `Signed in at ${customer.name} as "${name}". ${may}`);
    });
}

async function tokenGiven(): Promise<string> {
  const token = surroundings().token ?? ((await piped()) || (await askHidden('Token: ', noToken)));
  if (/^\S+$/.test(token)) return token;
  throw new Misuse(noToken);
}

const noToken = 'There is no token: pipe it in (`… | vedette login …`), or set VEDETTE_TOKEN.';
