import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { SecretName, Vault } from '../vault.ts';
import { CannotTry } from './cannot-try.ts';

/** Where a tried script's secrets come from: the env file first, else the vault in `home`, if there is one. */
export function secretsFrom(envFile: string | undefined, home: string): (name: string) => string | undefined {
  const given = envFile === undefined ? {} : readEnvFile(envFile);
  const hasVault = existsSync(path.join(home, 'vault.json'));
  return (name) => (Object.hasOwn(given, name) ? given[name] : hasVault ? new Vault(home).secret(name) : undefined);
}

/** `NAME=value` lines, as Node and dotenv read them. */
function readEnvFile(file: string): NodeJS.Dict<string> {
  const text = readText(file);
  const values = parseEnv(text);
  const bad = Object.keys(values).find((name) => !SecretName.safeParse(name).success);
  if (bad !== undefined) throw new CannotTry(`${file}: "${bad}" is no name that process.env.NAME in a script can read`);
  const lines = text.split('\n').map((line) => line.trim());
  if (Object.keys(values).length === 0 && lines.some((line) => line !== '' && !line.startsWith('#')))
    throw new CannotTry(`${file} has no values: write one NAME=value a line`);
  return values;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, ''); // with which editors on Windows begin a file
  } catch (cause) {
    throw new CannotTry(`the env file ${file} can't be read: check its name`, { cause });
  }
}
