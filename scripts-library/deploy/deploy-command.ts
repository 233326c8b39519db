import type { Command } from 'commander';
import { withCustomer } from '../account/with-customer.ts';
import { loadProject } from '../config/load.ts';
import { Failure } from '../failure.ts';
import { chosenKey, signingFor } from '../keys/keys-command.ts';
import { signedScript } from '../keys/signed-scripts.ts';
import { type Deployment, DeploymentAnswer } from '../publish/deployment.ts';
import { confirmed, print, printStyled } from '../terminal.ts';
import { monitorsOf, type ProjectScript, scriptsOf } from './deployment-of.ts';
import { planText } from './plan-text.ts';

interface DeployOptions {
  dryRun?: boolean;
  yes?: boolean;
  takeOver?: boolean;
  message?: string;
  key?: string;
  json?: boolean;
}

/** Adds `deploy`. */
export function addDeploy(program: Command): void {
  program
    .command('deploy')
    .description(
      'bring scripts and monitors on the server to what vedette.config.ts says, after showing what would change',
    )
    .option('--dry-run', 'only show what would change')
    .option('-y, --yes', 'do it without asking')
    .option('--take-over', 'take over what another project of the same name has deployed')
    .option('-m, --message <text>', 'why, kept with each new version of a script')
    .option('--key <file>', "sign with an author's own key, as `keys create` made it")
    .option('--json', 'print one line of JSON')
    .addHelpText(
      'after',
      '\nWhat is taken out of the configuration is retired: nobody runs it, its results stay. What other configurations\n' +
        'deployed is left alone. Ends with 0 if all is as it should be, 1 if it was refused, 2 if it was asked wrongly.',
    )
    .action(async (options: DeployOptions) => {
      const project = await loadProject();
      const scripts = await scriptsOf(project);
      const key = await chosenKey(options.key);
      await withCustomer(async (api, at, customerId) => {
        const signing = key && (await signingFor(api, at, customerId));
        const wish: Deployment = {
          scripts: scripts.map((script) => (key && signing ? signedScript(script, key, signing) : unsigned(script))),
          monitors: monitorsOf(project),
          project: project.config.project,
          takeOver: options.takeOver ?? false,
          ...(options.message !== undefined && { message: options.message }),
        };
        const put = (more: Partial<Deployment>) =>
          api.ask('PUT', `${at}/deployments/${project.config.name}`, DeploymentAnswer, { ...wish, ...more });
        const plan = await put({ dryRun: true });
        const isDue = plan.changes.some(({ action }) => action !== 'unchanged');
        if (options.dryRun || !isDue) return show(options.json, plan);
        if (!options.json) printStyled(planText(plan.changes));
        await agree(options.yes);
        const done = await put({ fingerprint: plan.fingerprint });
        print(options.json, done, 'Done. Sentinels follow within seconds.');
      });
    });
}

/** For the server to sign. */
function unsigned({ path, files, more }: ProjectScript): Deployment['scripts'][number] {
  return { path, files, hosts: more };
}

function show(json: boolean | undefined, plan: DeploymentAnswer): void {
  if (json) print(json, plan, '');
  else printStyled(planText(plan.changes));
}

async function agree(yes: boolean | undefined): Promise<void> {
  if (yes) return;
  const instead = 'Nobody is here to say yes: add --yes to do it, or --dry-run to look only.';
  if (!(await confirmed('Do it?', instead))) throw new Failure('Nothing was changed.');
}
