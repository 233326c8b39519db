import path from 'node:path';

export interface Source {
  /** As it was bundled, with its folders. */
  name: string;
  text: string;
}

/** A source that a bundle's source map holds, by its file's name alone; undefined unless exactly one is called so. */
export function sourceOf(bundle: string, file: string): Source | undefined {
  const [, encoded] = /\/\/# sourceMappingURL=data:application\/json;[^,]*base64,(\S+)\s*$/.exec(bundle) ?? [];
  if (encoded === undefined) return undefined;
  const { sources, sourcesContent } = JSON.parse(Buffer.from(encoded, 'base64').toString());
  const named = (sources as string[]).map((name, i) => ({ name, text: sourcesContent?.[i] }));
  const [found, ...others] = named.filter(({ name }) => path.posix.basename(name) === file);
  return found && others.length === 0 && typeof found.text === 'string' ? found : undefined;
}
