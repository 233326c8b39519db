import { existsSync } from 'node:fs';
import path from 'node:path';
import { Assignment, type ScriptStatement } from '../../sentinel/protocol/messages.ts';
import { assignmentOf } from '../../sentinel/try/assignment.ts';
import { configName, loadProject, type Project } from '../config/load.ts';
import { hostsOf, monitorsOf } from '../deploy/deployment-of.ts';
import { Misuse } from '../failure.ts';
import { type Bundle, bundle, folderOf } from '../publish/bundle.ts';
import { MonitorWish } from '../publish/deployment.ts';

/** One monitor, or one script by itself, to be run here. */
export interface Trial {
  /** What it is called in reports. */
  name: string;
  file: string;
  script: Bundle;
  assignment: Assignment;
  statement: ScriptStatement;
}

/** What the command line says beside the configuration. */
export interface TrialWishes {
  baseUrl?: string;
  host: string[];
  trace?: boolean;
}

/** What to run: the monitors of the configuration, or of those the ones of these files, and files that no monitor names. */
export async function trialsOf(files: readonly string[], wishes: TrialWishes): Promise<Trial[]> {
  const project = existsSync(configName) ? await loadProject() : undefined;
  if (!project && files.length === 0)
    throw new Misuse(`There is no ${configName} here: name scripts to run, or make one with \`vedette init\`.`);
  const wanted = files.map((file) => path.normalize(file));
  const trials: Trial[] = [];
  for (const [i] of project?.config.monitors.entries() ?? []) {
    const trial = project && (await trialOfMonitor(project, i, wishes));
    if (trial && (wanted.length === 0 || wanted.includes(path.normalize(trial.file)))) trials.push(trial);
  }
  const known = trials.map(({ file }) => path.normalize(file));
  for (const file of wanted.filter((one) => !known.includes(one))) trials.push(await trialOfFile(file, wishes));
  return trials;
}

async function trialOfMonitor(project: Project, i: number, wishes: TrialWishes): Promise<Trial | undefined> {
  const config = project.config.monitors[i];
  const written = monitorsOf(project)[i];
  if (!config || !written) return undefined;
  const monitor = MonitorWish.parse(written);
  const file = path.join(project.folder, config.script);
  const script = await bundle(file, project.folder);
  const use = { ...monitor.use, ...(wishes.baseUrl !== undefined && { baseURL: wishes.baseUrl }) };
  const { assignment, statement } = assignmentOf(file, script, {
    ...(use.baseURL !== undefined && { baseUrl: use.baseURL }),
    host: [...hostsOf(config), ...wishes.host],
    variable: monitor.variables,
    timeout: monitor.timeoutMs / 1000,
  });
  const { policy, maskSelectors, secrets = assignment.secrets } = monitor;
  const evidence = { ...policy.evidence, trace: wishes.trace ?? policy.evidence.trace };
  const asked = { name: monitor.name, use, maskSelectors, secrets, ...policy, evidence, confirmFailures: false };
  return { name: monitor.name, file, script, statement, assignment: Assignment.parse({ ...assignment, ...asked }) };
}

async function trialOfFile(file: string, { baseUrl, host, trace }: TrialWishes): Promise<Trial> {
  const script = await bundle(file, folderOf(file));
  const wishes = {
    host,
    variable: {},
    timeout: 60,
    ...(baseUrl !== undefined && { baseUrl }),
    ...(trace && { trace }),
  };
  return { name: path.basename(file), file, script, ...assignmentOf(file, script, wishes) };
}
