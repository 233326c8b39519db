import type { Command } from 'commander';
import { type Api, Denied } from '../account/api.ts';
import { withCustomer } from '../account/with-customer.ts';
import { suggestion } from '../config/faults.ts';
import { Failure, Misuse } from '../failure.ts';
import { chosenKey, signingFor } from '../keys/keys-command.ts';
import { signedRollback } from '../keys/signed-scripts.ts';
import {
  RollbackAnswer,
  type RollbackWish,
  ScriptsAnswer,
  VersionAnswer,
  type VersionSummary,
  VersionsAnswer,
} from '../publish/deployment.ts';
import { confirmed, print } from '../terminal.ts';

interface RollbackOptions {
  message?: string;
  yes?: boolean;
  key?: string;
  json?: boolean;
}

/** Adds `versions` and `rollback`. */
export function addVersions(program: Command): void {
  program
    .command('versions')
    .description('the published scripts, or every version of one')
    .argument('[script]', 'its file name, as in login.spec.ts')
    .option('--json', 'print one line of JSON')
    .action((script: string | undefined, { json }: { json?: boolean }) =>
      withCustomer(async (api, at) => {
        if (script === undefined) {
          const all = await api.ask('GET', `${at}/scripts`, ScriptsAnswer);
          const width = Math.max(...all.scripts.map(({ name }) => name.length));
          const lines = all.scripts.map(
            ({ name, latest, monitors }) =>
              `${name.padEnd(width)}  ${versionLine(latest)}  run by: ${monitors.join(', ') || 'nobody'}`,
          );
          return print(json, all, lines.join('\n') || 'Nothing is published yet.');
        }
        const found = await versionsOf(api, at, script);
        print(json, found, found.versions.map(versionLine).join('\n'));
      }),
    );

  program
    .command('rollback')
    .description('publish an earlier version of a script as its newest one')
    .argument('<script>', 'its file name, as in login.spec.ts')
    .argument('<version>', 'the earlier version, as `versions` shows it', wholeNumber)
    .option('-m, --message <text>', 'why, kept with the new version')
    .option('-y, --yes', 'do it without asking')
    .option('--key <file>', "sign with an author's own key, as `keys create` made it")
    .option('--json', 'print one line of JSON')
    .action(async (script: string, version: number, { message, yes, key: keyFile, json }: RollbackOptions) => {
      const instead = 'Nobody is here to say yes: add --yes to do it.';
      if (!yes && !(await confirmed(`Have ${script} be what version ${version} was?`, instead))) return;
      const key = await chosenKey(keyFile);
      await withCustomer(async (api, at, customerId) => {
        const address = `${at}/scripts/${encodeURIComponent(script)}`;
        const { versions } = await versionsOf(api, at, script);
        if (versions.every((one) => one.version !== version))
          throw new Failure(`There is no version ${version} of ${script}: \`vedette versions ${script}\` shows them.`);
        const wish: RollbackWish = { version, message };
        if (key) {
          const earlier = await api.ask('GET', `${address}/versions/${version}`, VersionAnswer);
          wish.signed = signedRollback(script, earlier, key, await signingFor(api, at, customerId));
        }
        const done = await api.ask('POST', `${address}/rollback`, RollbackAnswer, wish);
        print(json, done, `${script} is what version ${version} was; that is version ${done.version} now.`);
      });
    });
}

/** Throws `Failure` if there is no such script, naming those that there are. */
async function versionsOf(api: Api, at: string, script: string): Promise<VersionsAnswer> {
  try {
    return await api.ask('GET', `${at}/scripts/${encodeURIComponent(script)}/versions`, VersionsAnswer);
  } catch (error) {
    if (!(error instanceof Denied) || error.code !== 'NOT_FOUND') throw error;
    const { scripts } = await api.ask('GET', `${at}/scripts`, ScriptsAnswer);
    const names = scripts.map(({ name }) => name);
    throw new Failure(`There is no published script "${script}"; ${suggestion(script, names)}`, { cause: error });
  }
}

function versionLine({ version, createdAt, author, message, sha256, byAuthorKey, keyId }: VersionSummary): string {
  const key = byAuthorKey ? `  signed with ${keyId}` : '';
  const why = message === null ? '' : `  ${message}`;
  return `${String(version).padStart(4)}  ${new Date(createdAt).toISOString()}  ${sha256.slice(0, 12)}  ${author}${key}${why}`;
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Misuse(`"${text}" is no version: give its number, as \`vedette versions\` shows it.`);
}
