import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from '../../scripts-library/publish/bundle.ts';

/** A flow of the library, to begin a script with. */
export interface Template {
  name: string;
  title: string;
  /** The script, and with what it imports its text. */
  path: string;
  files: Record<string, string>;
}

const library = resolve(import.meta.dirname, '../../scripts-library');
let found: Promise<Template[]> | undefined;

/** The ready flows, by their titles; they are read once. */
export function templates(): Promise<Template[]> {
  found ??= readTemplates();
  return found;
}

/** A flow is a folder with a script and a page of the folder's name. */
async function readTemplates(): Promise<Template[]> {
  const names = readdirSync(library).filter((name) => existsSync(join(library, name, `${name}.spec.ts`)));
  const all = await Promise.all(
    names.map(async (name) => {
      const { path, files } = await bundle(join(library, name, `${name}.spec.ts`));
      return { name, title: titleOf(join(library, name, 'README.md')) ?? name, path, files };
    }),
  );
  return all.toSorted((a, b) => a.title.localeCompare(b.title));
}

function titleOf(page: string): string | undefined {
  return existsSync(page) ? /^# (.+)$/m.exec(readFileSync(page, 'utf8'))?.[1] : undefined;
}
