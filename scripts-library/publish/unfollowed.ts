import type { OnLoadResult } from 'esbuild';
import type { Fault } from './faults.ts';

/*
 * esbuild asks no plugin before it follows what a comment calls a source map, or how a path in `import()` and `require`
 * begins: it reads files, or all below a folder, wherever they lie. The server bundles what its users send.
 */

const sourceMap = 'sourceMappingURL';

/** Where a file names a source map. */
export function sourceMaps(file: string, text: string): Fault[] {
  const message = `"${sourceMap}" names a file that is not read: remove it, a bundle has a source map of its own.`;
  return text.split('\n').flatMap((line, i): Fault[] => {
    const column = line.indexOf(sourceMap) + 1;
    return column === 0 ? [] : [{ file, line: i + 1, column, code: 'IMPORT', message }];
  });
}

/** The file without what esbuild would follow, as `faults` say where that is, so that all else can be judged. */
export function unfollowed(text: string, faults: readonly Fault[]): OnLoadResult {
  const lines = text.split('\n');
  for (const { code, line, column } of faults.filter((fault) => fault.code === 'IMPORT_DYNAMIC')) {
    const whole = lines[line - 1] ?? '';
    const word = whole.slice(column - 1);
    // What can't be found again in the text is not read at all.
    if (!/^(import|require)\b/.test(word)) return { errors: [{ text: 'The file can not be read', detail: { code } }] };
    lines[line - 1] = whole.slice(0, column - 1) + word.charAt(0).toUpperCase() + word.slice(1);
  }
  return { contents: lines.join('\n').replaceAll(sourceMap, 'sourceMappingURI'), loader: 'default' };
}
