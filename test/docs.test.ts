import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { faultCodes } from '../scripts-library/publish/faults.ts';
import {
  snapshotMatchers,
  understoodFixtures,
  understoodImports,
  understoodMembers,
} from '../scripts-library/publish/understood.ts';
import { errorCodes } from '../sentinel/protocol/error-codes.ts';
import { EvidenceItem, Run, TransactionResult } from '../sentinel/protocol/messages.ts';
import { skipReasons } from '../sentinel/protocol/skip-reasons.ts';
import { ignoredOptions, refusedOptions, understoodOptions } from '../sentinel/protocol/use-options.ts';
import { optionNames } from '../sentinel/runner/child/built-in.ts';
import { Settings, settingNames } from '../sentinel/settings/settings.ts';
import { en } from '../server/console/messages/en.ts';
import { allows, permissions } from '../server/http/permissions.ts';

const root = resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const pages = globSync(['*.md', 'docs/**/*.md', 'scripts-library/**/*.md'], { cwd: root }).sort();

test('every relative link leads to a file that exists, and to a heading of it if it names one', () => {
  const dead = pages.flatMap((page) =>
    linksOf(read(page))
      .filter((link) => !leadsSomewhere(page, link))
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(dead, []);
});

test('every npm script that is named exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const page of pages) {
    for (const [command, run, short] of read(page).matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(test|start)\b)/g))
      assert.ok((run ?? short ?? '') in scripts, `${page}: ${command}`);
  }
});

test('every command that is named exists, with its options', async () => {
  const known = await commandsOf(Object.keys(sources));
  const named = pages.flatMap((page) => commandsIn(read(page)).map((command) => ({ page, ...command })));
  assert.ok(named.length > 20, `only ${named.length} commands were found`);
  for (const { page, program, words, options } of named) {
    const [first = '', second = ''] = words;
    const command = known.has(`${program} ${first} ${second}`) ? `${first} ${second}` : first;
    assert.ok(known.has(`${program} ${command}`), `${page}: ${program} ${first} ${second}`);
    const source = globSync(sources[program] ?? [], { cwd: root })
      .map(read)
      .join('\n');
    for (const option of options)
      assert.match(source, new RegExp(`[', ]${option}[' ]`), `${page}: ${program} ${first} ${option}`);
  }
});

test('the page of error codes has every code with its blame and meaning, and no other', () => {
  const rows = tableRows(read('docs/error-codes.md')).filter(([code = '']) => /^`[A-Z0-9_]+`$/.test(code));
  assert.deepEqual(
    rows.map(([code, blame, meaning]) => [code, blame, meaning]),
    Object.entries(errorCodes).map(([code, { blame, meaning }]) => [`\`${code}\``, blame, meaning]),
  );
  assert.ok(rows.every(([, , , cause]) => cause));
  const steps = rows.map(([code = '', , , , next = '']) => [
    code.replaceAll('`', ''),
    next.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'),
  ]);
  assert.deepEqual(Object.fromEntries(steps), en.run.nextSteps, 'the console says the same');
});

test('the page of the sentinel has every reason for a skip, in the words that the protocol has for it', () => {
  const rows = tableRows(read('docs/sentinel.md')).map(([code = '', meaning]) => [code.replaceAll('`', ''), meaning]);
  const ofSkips = rows.filter(([code = '']) => code in skipReasons);
  assert.deepEqual(Object.fromEntries(ofSkips), skipReasons);
});

test('the page of the sentinel has every setting with its meaning, and no other', () => {
  const [, part = ''] = read('docs/sentinel.md').split('\n## What this device allows\n');
  const rows = tableRows(part.split('\n## ')[0] ?? '').slice(1);
  assert.deepEqual(
    rows,
    settingNames.map((name) => [`\`${name}\``, Settings.shape[name].description]),
  );
});

test('the page of the protocol has all that a run and its transactions may leave out, and every kind of evidence', () => {
  const page = read('docs/protocol.md');
  const named = new Set(
    tableRows(page).flatMap(([cell = '']) => [...cell.matchAll(/`([\w[\].]+)`/g)].map(([, name]) => name)),
  );
  const optional = (shape: Record<string, { safeParse(value: undefined): { success: boolean } }>) =>
    Object.keys(shape).filter((name) => shape[name]?.safeParse(undefined).success);
  const outcome = ['clockOffsetMs', 'reason', 'error', 'responseUs'];
  const fields = [
    ...optional(Run.shape),
    ...optional(TransactionResult.shape).map((name) => (outcome.includes(name) ? name : `transactions[].${name}`)),
  ].filter((name) => !outcome.includes(name));
  assert.deepEqual(
    [...fields, ...EvidenceItem.shape.kind.options].filter((name) => !named.has(name)),
    [],
  );
});

test('the page of the sandbox has every attempt of the hostile script, and no other', () => {
  const [, list = ''] =
    /const attempts: Record<string, string> = \{([\s\S]*?)\n\};/.exec(read('test/security/sandbox.test.ts')) ?? [];
  const attempts = [...list.matchAll(/^ {2}(?:'([^']+)'|(\w+)):/gm)].map(([, quoted, plain]) => quoted ?? plain);
  assert.ok(attempts.length > 30, `only ${attempts.length} attempts were found`);
  const [, table = ''] = read('docs/sandbox.md').split('\n## Attempts\n');
  const rows = tableRows(table).slice(1);
  assert.deepEqual(
    rows.map(([name]) => name),
    attempts,
  );
  for (const [name, stop] of rows) assert.ok(stop, String(name));
});

test('the page of scripts has every member, fixture, option and fault that there is, and no other', () => {
  const page = read('docs/scripts.md');
  const rows = tableRows(page).map(([first = '']) => [...first.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code));
  const firstColumn = (pattern: RegExp) =>
    rows
      .flat()
      .filter((code) => pattern.test(code))
      .sort();
  assert.deepEqual(firstColumn(/^test\b/), ['test', ...[...understoodMembers].map((name) => `test.${name}`)].sort());
  const reasons = Object.entries(refusedOptions).map(([name, { why }]) => [name, why]);
  for (const [name, why] of [...Object.entries(ignoredOptions), ...reasons])
    assert.match(page, new RegExp(`^\\| \`${name}\`.* \\| ${why} \\|$`, 'm'));
  const declared = new Set([...understoodOptions, ...Object.keys(ignoredOptions), 'video']);
  assert.deepEqual(new Set(optionNames), declared, 'the options that the child declares');
  const fixtures = page
    .slice(0, page.indexOf('### Options'))
    .split('\n')
    .filter((line) => /^\| `(?!test)[a-z]/.test(line));
  const named = fixtures.flatMap((line) =>
    [...(line.split(' | ')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  assert.deepEqual(named.sort(), [...understoodFixtures].sort());
  const [, options = ''] = /Options of `test\.use`[^:]*: (.*?)\. A name/s.exec(page) ?? [];
  assert.deepEqual([...options.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort(), [...understoodOptions].sort());
  assert.deepEqual(firstColumn(/^[A-Z_]+$/), faultCodes.toSorted());
  for (const name of [...snapshotMatchers, ...understoodImports].filter((n) => n !== 'default'))
    assert.ok(page.includes(`\`${name}\``), name);
});

test('the page of security has every permission with who has it, and no other', () => {
  const [, part = ''] = read('docs/security.md').split('\n## Who may do what\n');
  const [, ...rows] = tableRows(part.split('\n## ')[0] ?? '');
  const columns = ['viewer', 'author', 'admin', 'reading', 'changing', 'operator', 'operator-admin'] as const;
  const told = Object.entries(permissions).filter(([, rule]) => 'roles' in rule);
  assert.deepEqual(
    rows,
    told.map(([name, rule]) => [name, ...columns.map((who) => (allows(rule, who) ? 'yes' : 'no'))]),
  );
});

/** Where each program's options are declared. */
const sources: Readonly<Record<string, string[]>> = {
  vedette: ['scripts-library/program.ts', 'scripts-library/**/*-command.ts'],
  'vedette-sentinel': ['sentinel/cli.ts', 'sentinel/**/*command*.ts'],
  'vedette-server': ['server/commands/*.ts'],
};

/** Every command of the programs as their `--help` lists them: `vedette-server customer add`. */
async function commandsOf(lines: readonly string[]): Promise<Set<string>> {
  const helps = await Promise.all(lines.map(async (line) => ({ line, help: await helpOf(line) })));
  const below = helps.flatMap(({ line, help }) => {
    const [, list = ''] = help.split('\nCommands:\n');
    const found = [...list.matchAll(/^ {2}([a-z][\w-]*)((?: [[<]\S+)*)/gm)].filter(([, name]) => name !== 'help');
    return found.map(([, name, takes]) => ({ command: `${line} ${name}`, isGroup: takes === '' }));
  });
  const groups = below.filter(({ command, isGroup }) => isGroup && command.split(' ').length === 2);
  const deeper = groups.length > 0 ? await commandsOf(groups.map(({ command }) => command)) : [];
  return new Set([...below.map(({ command }) => command), ...deeper]);
}

async function helpOf(line: string): Promise<string> {
  const [program = '', ...group] = line.split(' ');
  const file = join(root, 'bin', `${program}.js`);
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...group, '--help']);
  return stdout;
}

/** The commands in a page's code: which program, the words that follow it, the options. */
function commandsIn(page: string): { program: string; words: string[]; options: string[] }[] {
  const code = [...page.matchAll(/^```sh\n([\s\S]*?)^ *```|`([^`\n]+)`/gm)].map(
    ([, block, inline]) => block ?? inline ?? '',
  );
  const lines = code.flatMap((text) => text.replaceAll('\\\n', ' ').split('\n'));
  return lines.flatMap((line) => {
    const [, program, rest] = /(?:^|\s)(vedette(?:-sentinel|-server)?) ([^#<|]*)/.exec(line.trim()) ?? [];
    if (program === undefined || rest === undefined) return [];
    const words = rest.replace(/^--home \S+ /, '').split(/\s+/);
    const options = [...line.matchAll(/\s(--[a-z-]+)/g)].map(([, option = '']) => option);
    return [{ program, words: words.filter((w) => /^[a-z][a-z-]*$/.test(w)), options }];
  });
}

/** The cells of a page's tables, row by row, without the lines under their heads. */
function tableRows(page: string): string[][] {
  const lines = page.split('\n').filter((line) => line.startsWith('|') && !/^[| -]+$/.test(line));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

function linksOf(page: string): string[] {
  const text = page.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to).filter((to) => !/^https?:/.test(to));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? join(root, page) : resolve(root, dirname(page), path);
  if (relative(root, target).startsWith('..') || !existsSync(target)) return false;
  return (
    heading === undefined || (statSync(target).isFile() && headingsOf(readFileSync(target, 'utf8')).includes(heading))
  );
}

/** Headings as GitHub names them in addresses. */
function headingsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}
