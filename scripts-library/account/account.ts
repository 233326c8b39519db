import path from 'node:path';
import { z } from 'zod';
import { openPrivateFolder, readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import { authorityOf, pinIn } from '../../sentinel/enrol.ts';
import { Pin } from '../../sentinel/protocol/messages.ts';
import { proxyFor } from '../../sentinel/proxy.ts';
import { Failure, Misuse } from '../failure.ts';
import { surroundings } from '../surroundings.ts';

/** Where scripts are deployed to, and as whom. The token is as good as a password: the file is its owner's alone. */
const Account = z.object({
  server: z.url({ protocol: /^https$/ }),
  ca: z.string(),
  pin: Pin,
  token: z.string().min(1),
});
export type Account = z.infer<typeof Account>;

/** What the environment says, as in CI, else what `login` kept. Throws `Misuse` if there is neither. */
export async function currentAccount(): Promise<Account> {
  const { server, pin, token, configFolder } = surroundings();
  if (server && pin && token) return accountAt(server, pin, token);
  if (server || pin || token)
    throw new Misuse('VEDETTE_SERVER, VEDETTE_PIN and VEDETTE_TOKEN belong together: set all three, or none.');
  const kept = readIfThere(accountFile(configFolder));
  if (kept === undefined)
    throw new Misuse('Nobody is signed in here: run `vedette login https://your.server --pin PIN`.');
  const account = Account.safeParse(JSON.parse(kept));
  if (account.success) return account.data;
  throw new Failure(`${accountFile(configFolder)} can't be read: remove it, and run \`vedette login\` again.`);
}

/** The account at a server whose authority is learnt by its pin. Throws `Misuse`, or why the server is not the one. */
export async function accountAt(server: string, pin: string, token: string): Promise<Account> {
  const origin = originOf(server);
  const key = pinIn(pin);
  return { server: origin, pin: key, token, ca: await authorityOf(origin, key, proxyFor(origin, undefined)) };
}

/** Keeps it for the next commands; tells where. */
export function keepAccount(account: Account): string {
  const { configFolder } = surroundings();
  openPrivateFolder(configFolder);
  replacePrivateFile(accountFile(configFolder), `${JSON.stringify(account, null, 2)}\n`);
  return accountFile(configFolder);
}

function accountFile(configFolder: string): string {
  return path.join(configFolder, 'account.json');
}

function originOf(server: string): string {
  const url = URL.parse(server);
  if (url?.protocol === 'https:' && url.pathname === '/') return url.origin;
  throw new Misuse(`"${server}" is not a server's address: give one like https://vedette.example:8443`);
}
