import type { Command } from 'commander';
import { readConfig } from './config.ts';
import { plainJson } from './protocol/plain.ts';
import { serverProxy, setProxy } from './proxy.ts';
import { httpProxy } from './proxy-address.ts';
import { repin } from './repin.ts';
import { say } from './terminal.ts';
import { Vault } from './vault.ts';

/** Adds `repin` and `proxy`: how an enrolled sentinel reaches its server, and which one it takes for it. */
export function addServerCommands(program: Command, home: () => string): void {
  program
    .command('repin')
    .description("trust the server's new pin, if its keys were replaced while this sentinel was away; all else stays")
    .requiredOption('--pin <pin>', "the server's pin, as its operator gives it")
    .action(async ({ pin }: { pin: string }) => {
      await repin(home(), pin);
      say('The server has proved this pin. A running sentinel goes on within 5 minutes, or at once if restarted.');
    });

  program
    .command('proxy')
    .description('show or choose the proxy through which the server is reached')
    .argument('[address]', 'http://[name:password@]host:port, or `none` for what HTTPS_PROXY and NO_PROXY say')
    .option('--json', 'as JSON', false)
    .action((address: string | undefined, { json }: { json: boolean }) => {
      if (address !== undefined) setProxy(home(), address === 'none' ? undefined : httpProxy(address));
      const config = readConfig(home());
      const proxy = serverProxy(config, new Vault(home()));
      const found = { proxy: proxy?.origin ?? null, login: proxy?.authorization !== undefined };
      const login = found.login ? ', with a name and password' : '';
      const text = proxy ? `through ${proxy.origin}${login}` : 'directly';
      const news = address === undefined ? '' : ' from its next start';
      say(json ? plainJson(found) : `The server is reached ${text}${news}.`);
    });
}
