import path from 'node:path';
import { sourceOf } from '../protocol/bundle-source.ts';
import type { RunError } from '../protocol/messages.ts';

type Location = NonNullable<RunError['location']>;

const linesAround = 2;

/**
 * The author's lines around a place, numbered, with a caret below it: from the sources that the bundle's source map
 * holds. Undefined if they can't tell the file or the line.
 */
export function codeFrame(bundle: string, at: Location): string | undefined {
  const lines = sourceOf(bundle, at.file)?.text.split(/\r?\n/);
  if (!lines || lines[at.line - 1] === undefined) return undefined;
  const [first, last] = [Math.max(1, at.line - linesAround), Math.min(lines.length, at.line + linesAround)];
  const width = String(last).length;
  const numbered: string[] = [];
  for (let n = first; n <= last; n++) {
    const text = lines[n - 1] ?? '';
    numbered.push(`${n === at.line ? '>' : ' '} ${String(n).padStart(width)} | ${text}`.trimEnd());
    // A tab before the caret is as wide as the one above it.
    const gap = text.slice(0, at.column - 1).replace(/[^\t]/g, ' ');
    if (n === at.line) numbered.push(`  ${' '.repeat(width)} | ${gap}^`);
  }
  return numbered.join('\n');
}

/** Where the author finds a place, seen from the folder of the script `file`: errors name files without their folders. */
export function placeOf(bundle: string, file: string, at: Location): string {
  const source = sourceOf(bundle, at.file)?.name ?? at.file;
  return `${path.join(path.dirname(file), source)}:${at.line}:${at.column}`;
}
