import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { Misuse } from '../failure.ts';
import { flowNamed } from '../library/flows.ts';
import { print } from '../terminal.ts';
import { exampleSpec, type NewProject, projectFiles } from './project-files.ts';

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
      const name = nameOf(path.basename(path.resolve(folder)));
      const files = projectFiles({ name, playwright, ...(from === undefined ? example(name) : fromFlow(name, from)) });
      write(folder, files);
      const to = folder === '.' ? '' : `cd ${folder}\n`;
      const next = `${to}Fill in vedette.config.ts, then: vedette check, vedette test, vedette deploy`;
      print(json, { folder, files: Object.keys(files) }, `Made ${Object.keys(files).join(', ')}.\n${next}`);
    });
}

type Beginning = Pick<NewProject, 'config' | 'scripts' | 'secrets'>;

function example(name: string): Beginning {
  const monitor = {
    ...{ name: 'Example', script: 'example.spec.ts', baseURL: 'https://shop.example/' },
    ...{ schedule: { every: '5 min' }, thresholds: { Open: '3 s' } },
  };
  return { config: { name, monitors: [monitor] }, scripts: { 'example.spec.ts': exampleSpec }, secrets: [] };
}

function fromFlow(name: string, from: string): Beginning {
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
  return { config: { name, monitors: [monitor] }, scripts: Object.fromEntries(texts), secrets };
}

/** A name that a configuration can have. */
function nameOf(folder: string): string {
  const name = folder.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-');
  return /^[a-z0-9]/.test(name) ? name.slice(0, 100) : 'monitors';
}

/** Nothing that is there is replaced. */
function write(folder: string, files: Record<string, string>): void {
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const taken = Object.keys(files).filter((name) => there.includes(name));
  if (taken.length > 0)
    throw new Misuse(`${path.resolve(folder)} has ${taken.join(', ')} already: choose another folder, or remove them.`);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
}
