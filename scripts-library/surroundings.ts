import path from 'node:path';
import { userConfigFolder } from '../sentinel/config.ts';

/** What the environment tells the command line; everything else ignores it. */
export interface Surroundings {
  /** In CI: in the place of what `login` keeps. */
  server: string | undefined;
  pin: string | undefined;
  token: string | undefined;
  /** Of an author's own key. */
  passphrase: string | undefined;
  /** Where `login` keeps what it was told. */
  configFolder: string;
  /** Somebody is there to ask. */
  isInteractive: boolean;
}

export function surroundings(env: NodeJS.ProcessEnv = process.env): Surroundings {
  return {
    server: env.VEDETTE_SERVER || undefined,
    pin: env.VEDETTE_PIN || undefined,
    token: env.VEDETTE_TOKEN || undefined,
    passphrase: env.VEDETTE_PASSPHRASE || undefined,
    configFolder: env.VEDETTE_CONFIG_FOLDER || path.join(userConfigFolder(env), 'vedette'),
    isInteractive: process.stdin.isTTY === true && process.stdout.isTTY === true && !env.CI,
  };
}
