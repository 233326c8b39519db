import { z } from 'zod';
import { homeFault } from './databases/database-url.ts';
import type { Limits } from './http/limits.ts';

/** One sentence for each setting; `vedette-server run --help` and the documentation are made from them. */
export const Settings = z.object({
  dataFolder: z.string().min(1).default('.vedette/server').describe('folder that holds everything the server keeps'),
  databaseUrl: z
    .string()
    .min(1)
    .superRefine((text, found) => {
      const fault = homeFault(text);
      if (fault !== undefined) found.addIssue(fault);
    })
    .optional()
    .describe(
      'where databases are: mysql://user:password@host/schema?ca=FILE, or a folder; left out, in the data folder',
    ),
  databaseConnections: z.coerce
    .number()
    .int()
    .min(2)
    .max(100_000)
    .default(100)
    .describe("how many connections to customers' databases may be open at a time, on each database server"),
  evidenceGib: z.coerce
    .number()
    .min(0.01)
    .max(1_000_000)
    .default(20)
    .describe("how many GiB each customer's screenshots and other evidence may take; beyond that the oldest goes"),
  host: z.string().min(1).default('127.0.0.1').describe('address to listen on'),
  port: z.coerce.number().int().min(0).max(65_535).default(8443).describe('port to listen on, 0 for any free one'),
  hostNames: z
    .array(z.string().min(1).max(253))
    .default([])
    .describe('names and addresses under which sentinels and browsers reach this server, beside localhost'),
  consolePort: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('port of its own for the console and its API; then the other answers nothing but sentinels'),
  consoleHost: z
    .string()
    .min(1)
    .optional()
    .describe('address on which that port listens; left out, the same as for sentinels'),
  consoleHostNames: z
    .array(z.string().min(1).max(253))
    .default([])
    .describe(
      'names of the console alone: under these the server answers nothing of sentinels, under others nothing else',
    ),
  securityContact: z
    .string()
    .regex(/^(mailto:|https:\/\/)[\x21-\x7e]+$/, 'must begin with mailto: or https://')
    .optional()
    .describe('whom to tell of a weakness, for /.well-known/security.txt: mailto:… or https://…'),
  securityKey: z
    .string()
    .regex(/^(https:\/\/|openpgp4fpr:|dns:)[\x21-\x7e]+$/, 'must begin with https://, openpgp4fpr: or dns:')
    .optional()
    .describe('where the key is to encrypt such a report with'),
  installFolder: z
    .string()
    .min(1)
    .optional()
    .describe('folder of what devices install a sentinel from; left out, `install` in the data folder'),
  auditHeads: z
    .string()
    .min(1)
    .optional()
    .describe('folder of the signed heads of audit trails; left out, `audit-heads` in the data folder'),
  archiveFolder: z
    .string()
    .min(1)
    .optional()
    .describe('folder of the archive, on a disk of its own; left out, no month leaves the databases'),
  secondFactor: z
    .enum(['required', 'optional'])
    .default('required')
    .describe("whether operators and customers' administrators must have a second factor"),
  browser: z
    .string()
    .min(1)
    .optional()
    .describe('program that prints reports as PDF: a Chromium, Chrome or Edge; left out, one found on the machine'),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('how much is logged to stderr'),
});

export type ServerConfig = z.output<typeof Settings> & {
  /** Secret: 32 bytes as base64, by which connections are sealed in the registry; left out, a file of the data folder. */
  masterKey?: string | undefined;
  /** Folders in which programs are looked for, as PATH has them; left out, none. */
  searchPath?: string | undefined;
  /** Another clock, for tests. */
  now?: () => number;
  /** The cost of hashes of passwords, for tests; left out, as much as the machine affords. */
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
      return [name, given[name as keyof typeof given] ?? (name.endsWith('ostNames') ? text?.split(',') : text)];
    }),
  );
  const parsed = Settings.safeParse(values);
  if (parsed.success) return { ...parsed.data, ...masterKeyOf(environment), searchPath: environment.PATH };
  throw new SettingsWrong(
    parsed.error.issues.map(({ path, message }) => `${placeOf(String(path[0]), given)}: ${message}`).join('; '),
  );
}

/** What a setting does, what may be chosen, and what it is unless given: for the help of its option. */
export function helpOf(name: keyof typeof Settings.shape): string {
  const setting: z.ZodType = Settings.shape[name];
  const inner = setting instanceof z.ZodDefault ? setting.unwrap() : setting;
  const choices = inner instanceof z.ZodEnum ? `choices: ${inner.options.join(', ')}` : '';
  const { data } = setting.safeParse(undefined);
  const usual = data === undefined || Array.isArray(data) ? '' : `default: ${data}`;
  const more = [choices, usual].filter((one) => one !== '').join('; ');
  return `${setting.description}${more === '' ? '' : ` (${more})`}`;
}

/** Where a value came from, as whoever gave it knows it. */
function placeOf(name: string, given: object): string {
  if (Object.entries(given).some(([key, value]) => key === name && value !== undefined)) return optionOf(name);
  return variableOf(name);
}

function masterKeyOf({ VEDETTE_MASTER_KEY: masterKey }: NodeJS.ProcessEnv) {
  return masterKey ? { masterKey } : {};
}

/** `dataFolder` → `VEDETTE_SERVER_DATA_FOLDER`; but the database's is `VEDETTE_DATABASE_URL`, as usual elsewhere. */
function variableOf(name: string): string {
  if (name === 'databaseUrl') return 'VEDETTE_DATABASE_URL';
  return `VEDETTE_SERVER_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `logLevel` → `--log-level`; those of places and lists are shorter: `--data`, `--host-name`. */
function optionOf(name: string): string {
  const short = name.replace(/(Folder|Url)$/, '').replace(/Names$/, 'Name');
  return `--${short.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
