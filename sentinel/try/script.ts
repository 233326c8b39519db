import { readFile } from 'node:fs/promises';
import { type BundleFile, readBundleFile } from '../protocol/bundle-file.ts';
import { CannotTry } from './cannot-try.ts';

/** Checks and bundles an author's file, as publishing does; rejects with all that is wrong with it. */
export type Bundler = (file: string) => Promise<BundleFile>;

/** The script in a file: a bundle as it is, an author's file through `bundler`, which only a checkout has. */
export async function readScript(file: string, bundler: Bundler | undefined): Promise<BundleFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CannotTry(unreadable(file, error), { cause: error });
  });
  const bundle = readBundleFile(text) ?? (await bundler?.(file));
  if (bundle) return bundle;
  throw new CannotTry(
    `${file} is not a bundle, and this sentinel can't make one of it: in a checkout of Vedette run ` +
      `\`npx vedette bundle ${file}\`, and try the file that it writes`,
  );
}

function unreadable(file: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `there is no file ${file}: check its name and the folder you are in`;
  if (code === 'EISDIR') return `${file} is a folder: name one script in it`;
  if (code === 'EACCES') return `${file} can't be read: ask its owner for the right to read it`;
  return message;
}
