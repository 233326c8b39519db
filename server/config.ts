import { z } from 'zod';
import type { Limits } from './http/limits.ts';

/** One sentence for each setting; `vedette-server run --help` and the documentation are made from them. */
export const Settings = z.object({
  dataFolder: z.string().min(1).default('.vedette/server').describe('folder that holds everything the server keeps'),
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  port: z.coerce.number().int().min(0).max(65_535).default(8443).describe('port to listen on, 0 for any free one'),
  hostNames: z
    .array(z.string().min(1).max(253))
    .default([])
    .describe('names and addresses under which sentinels and browsers reach this server, beside localhost'),
  installFolder: z
    .string()
    .min(1)
    .optional()
    .describe('folder of what devices install a sentinel from; left out, `install` in the data folder'),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('how much is logged to stderr'),
});

export type ServerConfig = z.output<typeof Settings> & {
  /** Another clock, for tests. */
  now?: () => number;
  /** Cheaper hashes of passwords, for tests. */
  bcryptCost?: number;
  /** Shorter time-outs and the like, for tests. */
  limits?: Partial<Limits>;
};

/** The settings are wrong; the message names every fault. */
export class SettingsWrong extends Error {
  override readonly name = 'SettingsWrong';
}

/** Given values (undefined: not given), else the environment's `VEDETTE_SERVER_…`, else the defaults. Throws `SettingsWrong`. */
export function serverConfig(
  given: { [Name in keyof z.input<typeof Settings>]?: unknown } = {},
  environment: NodeJS.ProcessEnv = process.env,
): ServerConfig {
  const values = Object.fromEntries(
    Object.keys(Settings.shape).map((name) => {
      const text = environment[variableOf(name)] || undefined; // an empty one is as good as none
      return [name, given[name as keyof typeof given] ?? (name === 'hostNames' ? text?.split(',') : text)];
    }),
  );
  const parsed = Settings.safeParse(values);
  if (parsed.success) return parsed.data;
  throw new SettingsWrong(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

/** `dataFolder` → `VEDETTE_SERVER_DATA_FOLDER` */
function variableOf(name: string): string {
  return `VEDETTE_SERVER_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
