import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { Switches } from './switches.ts';

export const usage = `Usage: node test/apps/shop/main.ts [--port N] [--password-file FILE] [--switches FILE]

  --port N              port on 127.0.0.1; 0, the default, takes a free one
  --password-file FILE  its first line is the password of the user demo; else the variable SHOP_PASSWORD is
  --switches FILE       JSON with "delays" and "faults"`;

export interface ShopConfig {
  port: number;
  password: string;
  switches: Switches;
}

/** The settings of a command line. Throws one error with every fault, a line each. */
export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): ShopConfig {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: 'string' }, 'password-file': { type: 'string' }, switches: { type: 'string' } },
  });
  const faults: string[] = [];
  const orFault = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      faults.push(error instanceof z.ZodError ? `--switches: ${z.prettifyError(error)}` : String(error));
      return undefined;
    }
  };
  const port = orFault(() => portOf(values.port ?? '0'));
  const password = orFault(() => passwordOf(values['password-file'], env));
  const switches = orFault(() =>
    Switches.parse(values.switches === undefined ? {} : JSON.parse(read(values.switches))),
  );
  if (port === undefined || password === undefined || switches === undefined) throw new Error(faults.join('\n'));
  return { port, password, switches };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new Error(`--port must be a number from 0 to 65535, not ${text}.`);
  return port;
}

function passwordOf(file: string | undefined, env: NodeJS.ProcessEnv): string {
  const password = file === undefined ? env.SHOP_PASSWORD : read(file).split(/\r?\n/, 1)[0];
  if (!password)
    throw new Error('Give the password of the user demo with --password-file or the variable SHOP_PASSWORD.');
  return password;
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}
