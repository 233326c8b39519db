import type { Command } from 'commander';
import type { Api } from '../account/api.ts';
import { Failure, Misuse } from '../failure.ts';
import { ScriptsAnswer } from '../publish/deployment.ts';
import { surroundings } from '../surroundings.ts';
import { askHidden, print } from '../terminal.ts';
import { type AuthorKey, createKey, openKey, publicPart, usualKeyFile } from './key-file.ts';
import type { Signing } from './signed-scripts.ts';

interface KeyOptions {
  file?: string;
  json?: boolean;
}

const shortest = 12;
const noPassphrase = 'There is no passphrase: type it at a terminal, or set VEDETTE_PASSPHRASE.';

/** Adds `keys create` and `keys show`. */
export function addKeys(program: Command): void {
  const keys = program.command('keys').description("an author's own key: what it signs not even the server can alter");

  keys
    .command('create')
    .description('make a key, sealed with a passphrase')
    .option('--file <file>', "where it goes (default: author-key.json in the user's configuration folder)")
    .option('--json', 'print one line of JSON')
    .action(async ({ file = usualKeyFile(), json }: KeyOptions) => {
      const key = createKey(file, await newPassphrase());
      const text =
        `The key ${key.id} is in ${file}. Have a copy of the file, and remember the passphrase: nobody can bring either back.\n` +
        `Public key: ${key.publicKey}\n` +
        `On the server:  vedette-server author-key add ${key.publicKey} --name NAME --customer CUSTOMER\n` +
        `On devices that shall run what authors signed and nothing else:  vedette-sentinel settings set trustedKeys ${key.publicKey}`;
      print(json, { ...key, file }, text);
    });

  keys
    .command('show')
    .description('print the id and the public half of a key')
    .option('--file <file>', "the key (default: author-key.json in the user's configuration folder)")
    .option('--json', 'print one line of JSON')
    .action(({ file = usualKeyFile(), json }: KeyOptions) => {
      const key = publicPart(file);
      print(json, { ...key, file }, `${key.id}  ${key.publicKey}`);
    });
}

/** The key to sign with, if one was named; its passphrase is asked for. */
export async function chosenKey(file: string | undefined): Promise<AuthorKey | undefined> {
  if (file === undefined) return undefined;
  publicPart(file); // what is no key needs no passphrase
  return openKey(file, surroundings().passphrase ?? (await askHidden('Passphrase: ', noPassphrase)));
}

/** What there is to know before something is signed for a customer. */
export async function signingFor(api: Api, at: string, customerId: string): Promise<Signing> {
  const { scripts } = await api.ask('GET', `${at}/scripts`, ScriptsAnswer);
  const versions = new Map(scripts.map(({ name, latest }) => [name, latest.version]));
  return { customerId, latest: (script) => versions.get(script) ?? 0, now: Date.now() };
}

async function newPassphrase(): Promise<string> {
  const given = surroundings().passphrase;
  const passphrase = given ?? (await askHidden('Passphrase: ', noPassphrase));
  if (passphrase.length < shortest) throw new Misuse(`The passphrase is too short: at least ${shortest} characters.`);
  if (given === undefined && (await askHidden('Once more: ', noPassphrase)) !== passphrase)
    throw new Failure('The two were not the same: no key was made.');
  return passphrase;
}
