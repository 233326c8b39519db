import { z } from 'zod';

/** What the text of a script asks for, as publishing found it. */
const Asked = z.object({
  /** `host` or `host:port` of the addresses written in it. */
  hosts: z.array(z.string()),
  /** Names that it reads from `process.env`. */
  secrets: z.array(z.string()),
  /** Those of them that it has a value for itself. */
  withDefault: z.array(z.string()).optional(),
});

/** A bundle with what its script asks for: all that is needed to run it where nothing was published. */
export interface BundleFile extends z.infer<typeof Asked> {
  /** One CommonJS file with its source map inside. */
  code: string;
}

const sourceMap = '//# sourceMappingURL=';
const ending = /\n\/\/# vedette=(.*)\n\/\/# sourceMappingURL=\S*\s*$/;

/** The file that carries a bundle. What it asks for stands just before the source map, so that no line of code is moved. */
export function writeBundleFile({ code, hosts, secrets, withDefault }: BundleFile): string {
  const at = code.lastIndexOf(sourceMap);
  return `${code.slice(0, at)}//# vedette=${JSON.stringify({ hosts, secrets, withDefault })}\n${code.slice(at)}`;
}

/** Undefined if the text is no such file. */
export function readBundleFile(text: string): BundleFile | undefined {
  const [, asked = ''] = ending.exec(text) ?? [];
  try {
    return { code: text, ...Asked.parse(JSON.parse(asked)) };
  } catch {
    return undefined;
  }
}
