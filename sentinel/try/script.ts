import { readFile } from 'node:fs/promises';
import { CannotTry } from './cannot-try.ts';

/** A script as a sentinel would get it, and what its text asks for. */
export interface TriedScript {
  /** One CommonJS file with its source map inside. */
  code: string;
  /** `host` or `host:port` of the addresses written in it. */
  hosts: readonly string[];
  /** Names that it reads from `process.env`. */
  secrets: readonly string[];
}

/** Checks and bundles an author's file, as publishing does; rejects with all that is wrong with it. */
export type Bundler = (file: string) => Promise<TriedScript>;

/** The script in a file: a bundle as it is, an author's file through `bundler`, which only a checkout has. */
export async function readScript(file: string, bundler: Bundler | undefined): Promise<TriedScript> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CannotTry(unreadable(file, error), { cause: error });
  });
  if (isBundle(text)) return { code: text, hosts: addresses(text), secrets: environment(text) };
  if (bundler) return bundler(file);
  throw new CannotTry(
    `${file} is not a bundle, and this sentinel can't make one of it: in a checkout of Vedette run ` +
      `\`npx vedette bundle ${file}\`, and try the file that it writes`,
  );
}

/** Publishing ends a bundle with its source map; authors' files have none. */
const sourceMap = /\/\/# sourceMappingURL=data:application\/json;[^\s]*\s*$/;

function isBundle(text: string): boolean {
  return sourceMap.test(text);
}

/** In a bundle there are no comments, so every address is one the script may go to. */
function addresses(bundle: string): string[] {
  const found = bundle.replace(sourceMap, '').matchAll(/https?:\/\/[^\s/"'`?#$\\]+(?=[/"'`?#])/gi);
  return [...new Set([...found].flatMap(([text]) => (URL.canParse(text) ? [new URL(text).host] : [])))].sort();
}

function environment(bundle: string): string[] {
  const names = [...bundle.matchAll(/\bprocess\.env(?:\??\.|(?:\?\.)?\[["'`])([A-Za-z_]\w*)/g)].map(
    ([, name = '']) => name,
  );
  const taken = [...bundle.matchAll(/\{([^{}]*)\}\s*=\s*process\.env\b/g)].flatMap(([, inside = '']) =>
    [...inside.matchAll(/(?:^|,)\s*([A-Za-z_]\w*)/g)].map(([, name = '']) => name),
  );
  return [...new Set([...names, ...taken])].sort();
}

function unreadable(file: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return `there is no file ${file}: check its name and the folder you are in`;
  if (code === 'EISDIR') return `${file} is a folder: name one script in it`;
  if (code === 'EACCES') return `${file} can't be read: ask its owner for the right to read it`;
  return message;
}
