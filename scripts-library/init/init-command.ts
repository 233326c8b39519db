import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { configName } from '../config/load.ts';
import { Misuse } from '../failure.ts';
import { flowNamed } from '../library/flows.ts';
import { print } from '../terminal.ts';
import { exampleSpec, type NewProject, projectFiles } from './project-files.ts';
import { writeProject } from './write-project.ts';

interface InitOptions {
  from?: string;
  json?: boolean;
}

/** Adds `init`. `playwright` is the version that new folders ask for. */
export function addInit(program: Command, playwright: string): void {
  program
    .command('init')
    .description('make a folder of scripts: configuration, a script, and what `npx playwright test` needs')
    .argument('[folder]', 'where; left out, here', '.')
    .option('--from <flow>', 'begin with a ready flow of the library, as `vedette library` lists them')
    .option('--json', 'print one line of JSON')
    .action((folder: string, { from, json }: InitOptions) => {
      const beginning = from === undefined ? example : fromFlow(from);
      refuseTaken(folder, Object.keys(beginning.scripts));
      const files = writeProject(folder, projectFiles({ folder, playwright, ...beginning }));
      const to = folder === '.' ? '' : `cd ${folder}\n`;
      const next = `${to}Fill in ${configName}, then: vedette check, vedette test, vedette deploy`;
      print(json, { folder, files }, `Made ${files.join(', ')}.\n${next}`);
    });
}

type Beginning = Pick<NewProject, 'monitors' | 'scripts' | 'secrets'>;

const example: Beginning = {
  monitors: [
    {
      ...{ name: 'Example', script: 'example.spec.ts', baseURL: 'https://shop.example/' },
      ...{ schedule: { every: '5 min' }, thresholds: { Open: '3 s' } },
    },
  ],
  scripts: { 'example.spec.ts': exampleSpec },
  secrets: [],
};

function fromFlow(from: string): Beginning {
  const flow = flowNamed(from);
  const variables = Object.fromEntries(
    flow.needs.flatMap((one) => ('example' in one ? [[one.name, one.example]] : [])),
  );
  const secrets = flow.needs.flatMap((one) => ('example' in one ? [] : [one.name]));
  const monitor = {
    ...{ name: flow.title, script: `${flow.name}.spec.ts`, baseURL: 'https://your.application/' },
    ...{ schedule: { every: '5 min' }, variables, ...(secrets.length > 0 && { secrets }) },
  };
  const texts = flow.files.map((file) => [path.basename(file), readFileSync(file, 'utf8')]);
  return { monitors: [monitor], scripts: Object.fromEntries(texts), secrets };
}

/** Whoever has installed `vedette` here has a package.json already: that stays. What is its own must not be there yet. */
function refuseTaken(folder: string, scripts: readonly string[]): void {
  const taken = [configName, ...scripts].filter((name) => existsSync(path.join(folder, name)));
  if (taken.length > 0)
    throw new Misuse(`${path.resolve(folder)} has ${taken.join(', ')} already: choose another folder, or remove them.`);
}
