import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { plain } from '../../sentinel/protocol/plain.ts';
import { keepEvidence, usualFolder } from '../../sentinel/try/evidence-folder.ts';
import { openRunnerHere } from '../../sentinel/try/run-here.ts';
import { ending, transactionLine } from '../../sentinel/try/tell.ts';
import { secretsFrom } from '../../sentinel/try/values.ts';
import { Failure } from '../failure.ts';
import { printStyled } from '../terminal.ts';
import { jsonReport, junitReport, type Tried } from './report.ts';
import { runTrial } from './run-trial.ts';
import { type Trial, type TrialWishes, trialsOf } from './trials.ts';

interface TestOptions extends TrialWishes {
  envFile?: string;
  reporter: 'list' | 'json' | 'junit';
  reportFile?: string;
  output?: string;
  browser?: string;
  headed?: boolean;
  allowRoot?: boolean;
}

/** Adds `test`. */
export function addTest(program: Command): void {
  program
    .command('test')
    .description('run the monitors of vedette.config.ts here as a sentinel would, or those of these scripts')
    .argument('[file...]', 'scripts, *.spec.ts')
    .option('--base-url <url>', "where the scripts' addresses begin, in the place of the configuration's")
    .option('--host <host...>', 'host or host:port they may reach, beside those of the configuration', [])
    .option('--env-file <file>', 'NAME=value lines with the secrets (default: .env, if it is there)')
    .addOption(new Option('--reporter <kind>', 'how to tell of it').choices(['list', 'json', 'junit']).default('list'))
    .option('--report-file <file>', 'where json and junit go, in the place of standard output')
    .option('--output <folder>', 'where evidence goes (default: a new folder in vedette-results)')
    .option('--browser <browser>', 'chromium, chrome, msedge, headless-shell, or the path of one')
    .option('--headed', "show the browser on this user's screen")
    .option('--trace', 'keep a Playwright trace of what goes wrong')
    .option('--allow-root', 'run although this is the administrator of the machine')
    .addHelpText('after', '\nEnds with 0 if all passed, 1 if one did not, 2 if nothing could be run.')
    .action(async (files: string[], options: TestOptions) => {
      const trials = await trialsOf(files, options);
      const startedAt = Date.now();
      const tried = await tryAll(trials, options);
      tell(tried, options, startedAt);
      const isGood = tried.every(({ result }) => ['passed', 'skipped'].includes(result.run.outcome));
      process.exitCode = isGood ? 0 : 1;
    });
}

async function tryAll(trials: readonly Trial[], options: TestOptions): Promise<Tried[]> {
  const isListed = options.reporter === 'list';
  const say = (text: string) => isListed && printStyled(text);
  const envFile = options.envFile ?? (existsSync('.env') ? '.env' : undefined);
  const secret = secretsFrom(envFile, process.cwd());
  const folder = options.output ?? usualFolder(new Date());
  const tried: Tried[] = [];
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  await using runner = await openRunnerHere(options, process.cwd());
  for (const trial of trials) {
    say(`${plain(`${trial.name}  (${trial.file})`)}`);
    const result = await runTrial(runner, trial, secret, (one) => say(transactionLine(one)), stop.signal);
    if (stop.signal.aborted) throw new Failure('Stopped.');
    const place = trials.length === 1 ? folder : path.join(folder, String(tried.length + 1));
    const evidence = keepEvidence(result, place);
    tried.push({ trial, result, evidence });
    say(`${ending(result, evidence, { file: trial.file, code: trial.script.code })}\n`);
  }
  return tried;
}

function tell(tried: readonly Tried[], { reporter, reportFile }: TestOptions, startedAt: number): void {
  if (reporter === 'list') {
    const good = tried.filter(({ result }) => result.run.outcome === 'passed').length;
    printStyled(`${good} of ${tried.length} passed`);
    return;
  }
  const text = reporter === 'json' ? `${JSON.stringify(jsonReport(tried, startedAt), null, 2)}\n` : junitReport(tried);
  if (reportFile === undefined) {
    process.stdout.write(text);
    return;
  }
  mkdirSync(path.dirname(path.resolve(reportFile)), { recursive: true });
  writeFileSync(reportFile, text);
}
