import { createPublicKey } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import { readHours } from '../protocol/hours.ts';
import { nameOf } from '../runner/gate/hosts.ts';

/**
 * What the administrator of this device chose. The server can't change it, and can ask for less but never for more. A
 * setting that is left out leaves it to the server, or to what is usual. Descriptions are what `settings --help` and
 * docs/sentinel.md say.
 */
export const Settings = z.strictObject({
  hosts: z
    .array(z.string().refine(isHost, 'must be a host such as shop.example or shop.example:8443'))
    .max(500)
    .optional()
    .describe('Hosts that scripts may reach, of those their authors signed; left out, all of those'),
  hours: z
    .string()
    .refine(isHours, 'must be hours of a week such as "mon-fri 08:00-18:00, sat 09:00-13:00"')
    .optional()
    .describe("When scripts may run, in this device's time zone; left out, whenever their schedule says"),
  screenshots: z
    .enum(['on-failure', 'never'])
    .optional()
    .describe(
      'Pictures of pages on which a run went wrong; on-failure: of no others; never: no traces either, since they show pages; left out, also at the end of a trial that passed and, once a day, of transactions that passed',
    ),
  traces: z
    .enum(['when-asked', 'never'])
    .optional()
    .describe('Playwright traces of runs that went wrong, where a monitor asks for them; left out, when-asked'),
  pageTexts: z
    .enum(['on-failure', 'never'])
    .optional()
    .describe(
      'Texts of pages on which a run went wrong: ARIA snapshot, address, title, console errors, failed requests; never: no traces either; error messages still quote what a page showed; on-failure and never: no pictures of what passed either; left out, on-failure, and at the end of a trial that passed',
    ),
  mibPerDay: z
    .int()
    .min(8)
    .max(1_000_000)
    .optional()
    .describe(
      'Most MiB sent from midnight to midnight, counted before packing; beyond, results wait, files first; left out, no limit',
    ),
  cpuSecondsPerRun: z
    .int()
    .min(1)
    .max(600)
    .optional()
    .describe(
      "Most processor time of one run, script and pages together; left out, as long as the monitor's runs may take",
    ),
  memoryMiBPerRun: z
    .int()
    .min(256)
    .max(100_000)
    .optional()
    .describe('Most memory of one run, script and pages together; left out, 768 for the script and 2048 for the pages'),
  trustedKeys: z
    .array(z.string().refine(isScriptKey, 'must be an Ed25519 public key (SPKI, base64)'))
    .min(1)
    .max(100)
    .optional()
    .describe(
      'Public keys whose scripts run here, in the place of those that the server names; left out, those that the server names',
    ),
  concurrency: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('Most runs at a time; more than before from the next start on; left out, one to two processors'),
  browser: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'Browser to use from the next start on: a path, or chrome, chromium, msedge or headless-shell; left out, one found on the device',
    ),
  browserIdleMinutes: z
    .int()
    .min(1)
    .max(1440)
    .optional()
    .describe('How long a browser is kept for the next run; left out, 10'),
});
export type Settings = z.infer<typeof Settings>;
export type SettingName = keyof Settings;

export const settingNames = Object.keys(Settings.shape) as SettingName[];

/** The settings can't be used; the message says which and what to do. */
export class SettingsFault extends Error {
  override readonly name = 'SettingsFault';
}

/** The settings of `home`. Throws `SettingsFault` with every fault at once. */
export function readSettings(home: string): Settings {
  return settingsIn(settingsText(home) ?? '{}', settingsFile(home));
}

/** What stands in the file of settings; undefined if there is none. */
export function settingsText(home: string): string | undefined {
  return readIfThere(settingsFile(home));
}

/** Reads what stands in `file`. Throws `SettingsFault`. */
export function settingsIn(text: string, file: string): Settings {
  const settings = Settings.safeParse(parse(text));
  if (settings.success) return settings.data;
  const faults = settings.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new SettingsFault(`the settings in ${file} can't be used: ${faults.join('; ')}. Correct or remove the file.`);
}

/** Replaces the settings in `home` as a whole. Throws `SettingsFault`, `FolderUnusable`. */
export function writeSettings(home: string, settings: Settings): void {
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  settingsIn(text, settingsFile(home));
  replacePrivateFile(settingsFile(home), text);
}

export function settingsFile(home: string): string {
  return path.join(home, 'settings.json');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it
  }
}

function isHost(text: string): boolean {
  const name = nameOf(text);
  const host = name.includes(':') ? `[${name}]` : name;
  return host !== '' && !/[\s/?#@*]/.test(text) && URL.canParse(`http://${host}/`);
}

function isHours(text: string): boolean {
  try {
    readHours(text);
    return true;
  } catch {
    return false;
  }
}

function isScriptKey(text: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
