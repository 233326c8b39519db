import { SourceMap } from 'node:module';
import { extname } from 'node:path';
import { type AnyNode, type Program, parse } from 'acorn';
import { type BuildFailure, type Loader, type Message, transformSync } from 'esbuild';
import type { Fault, FaultCode } from './faults.ts';

/** Where a piece of code stands in the author's file; lines and columns count from 1. */
export type Origin = Pick<Fault, 'file' | 'line' | 'column'>;

/** JavaScript as a tree, of which every node knows where its author wrote it. */
export interface Parsed {
  program: Program;
  originOf(node: AnyNode): Origin;
}

/** The language that sentinels run. */
export const target = 'node26';

const loaders: Readonly<Record<string, Loader>> = {
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.tsx': 'tsx',
};

/** A TypeScript or JavaScript file as a tree, or the faults of its syntax. */
export function parseFile(file: string, source: string): Parsed | Fault[] {
  try {
    // The one that esbuild takes for a bundle: read as another language, a file could say something else.
    const loader = loaders[extname(file)] ?? 'ts';
    // verbatimModuleSyntax keeps imports that look unused: they are to be judged too
    const tsconfigRaw = { compilerOptions: { verbatimModuleSyntax: true } };
    const { code, map } = transformSync(source, {
      loader,
      target,
      tsconfigRaw,
      sourcefile: file,
      sourcemap: 'external',
      logLevel: 'silent',
    });
    return parseScript(code, map, () => file);
  } catch (error) {
    return syntaxFaults(error, () => file);
  }
}

/** JavaScript that esbuild made, with its source map; `nameOf` says what the author calls a source of the map. */
export function parseScript(code: string, map: string, nameOf: (source: string) => string): Parsed {
  const program = parse(code, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    locations: true,
    allowAwaitOutsideFunction: true,
  });
  const sourceMap = new SourceMap(JSON.parse(map));
  return { program, originOf };

  function originOf(node: AnyNode): Origin {
    const { line, column } = node.loc?.start ?? { line: 1, column: 0 };
    const entry = sourceMap.findEntry(line - 1, column);
    if (!('originalSource' in entry)) return { file: nameOf(''), line: 1, column: 1 };
    return { file: nameOf(entry.originalSource), line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }
}

/** What esbuild or the parser found wrong with a file, as faults; an error of another kind is thrown on. */
export function syntaxFaults(error: unknown, nameOf: (source: string) => string): Fault[] {
  if (isBuildFailure(error)) return error.errors.map((message) => faultOf(message, nameOf));
  const message = unreadable(error);
  if (message === undefined) throw error;
  return [{ file: nameOf(''), line: 1, column: 1, code: 'SYNTAX', message }];
}

function unreadable(error: unknown): string | undefined {
  if (error instanceof RangeError) return 'The code is nested too deeply to be read: split it into several statements.';
  return error instanceof SyntaxError ? `The code cannot be read: ${error.message}.` : undefined;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

/** A plugin of ours gives a fault's code as the error's `detail`. */
function faultOf({ text, location, detail }: Message, nameOf: (file: string) => string): Fault {
  const code = (detail as { code?: FaultCode } | undefined)?.code ?? codeOf(text);
  if (!location) return { file: nameOf(''), line: 1, column: 1, code, message: text };
  const { file, line, lineText } = location;
  const column = Buffer.from(lineText).subarray(0, location.column).toString().length + 1; // esbuild counts bytes
  return { file: nameOf(file), line, column, code, message: `${text.replace(/\.$/, '')}.` };
}

function codeOf(text: string): FaultCode {
  if (text.startsWith('Could not resolve')) return 'IMPORT_MISSING';
  return text.startsWith('Top-level await') ? 'TOP_LEVEL_AWAIT' : 'SYNTAX';
}
