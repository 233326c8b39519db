import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A flow of the library, to begin a script with. */
export interface Template {
  name: string;
  title: string;
  path: string;
  files: Record<string, string>;
}

const library = resolve(import.meta.dirname, '../../scripts-library');

/** The ready flows, by their titles: a folder each, with a script and a page of the folder's name. */
export function templates(folder = library): Template[] {
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, `${name}.spec.ts`)))
    .map((name) => {
      const path = `${name}.spec.ts`;
      const text = readFileSync(join(folder, name, path), 'utf8');
      return { name, title: titleOf(join(folder, name, 'README.md')) ?? name, path, files: { [path]: text } };
    })
    .toSorted((a, b) => a.title.localeCompare(b.title));
}

function titleOf(page: string): string | undefined {
  return existsSync(page) ? /^# (.+)$/m.exec(readFileSync(page, 'utf8'))?.[1] : undefined;
}
