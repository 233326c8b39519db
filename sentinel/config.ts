import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { readIfThere, replacePrivateFile } from '../certs/private-file.ts';
import { Pin } from './protocol/messages.ts';
import type { ProxyVariables } from './proxy-address.ts';

/** Where a sentinel belongs, as its enrolment left it. No secrets: they are in the vault. */
export const Config = z.strictObject({
  /** Address of the server, `https://host:port`. */
  server: z.url({ protocol: /^https$/ }),
  /** The server's authority, PEM. */
  ca: z.string().startsWith('-----BEGIN CERTIFICATE-----'),
  /** Keys of which the server must show one; the backup key's is among them. */
  pins: z.array(Pin).min(1),
  sentinelId: z.uuid(),
  customer: z.strictObject({ id: z.uuid(), name: z.string() }),
  location: z.string(),
  /** Name of this device, as its users know it. */
  name: z.string(),
  /** When it enrolled, ms since 1970. */
  enrolledAt: z.int(),
  /** Proxy through which the server is reached, `http://host:port`; left out, that of HTTPS_PROXY. Its password is in the vault. */
  proxy: z
    .string()
    .regex(/^http:\/\/[^/@]+$/, 'must be like http://proxy.example:3128')
    .optional(),
});
export type Config = z.infer<typeof Config>;

/** A fault in the settings, or none there; the message says which and what to do. */
export class ConfigFault extends Error {
  override readonly name = 'ConfigFault';
}

/** The home folder: what the command line says, else the environment, else the user's data folder. */
export function homeFolder(given: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const data = env.XDG_DATA_HOME || path.join(env.HOME || os.homedir(), '.local', 'share');
  return path.resolve(given ?? env.VEDETTE_SENTINEL_HOME ?? path.join(data, 'vedette-sentinel'));
}

/** Where this user's programs keep their settings. */
export function userConfigFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.XDG_CONFIG_HOME || path.join(env.HOME || os.homedir(), '.config');
}

/**
 * Folder for what the children of runs load, where the environment names one: made once and kept in the image of a virtual
 * desktop, it need not be made at each of its starts.
 */
export function librariesFolder(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.VEDETTE_SENTINEL_LIBRARIES ? path.resolve(env.VEDETTE_SENTINEL_LIBRARIES) : undefined;
}

/** What shows windows on this user's screen, for a program with no other environment; undefined without a screen. */
export function displayOf(env: NodeJS.ProcessEnv = process.env): Record<string, string> | undefined {
  if (process.platform !== 'linux') return {};
  const names = ['DISPLAY', 'XAUTHORITY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR'];
  const found = Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  return found.DISPLAY || found.WAYLAND_DISPLAY ? found : undefined;
}

/** The proxy that the environment names for HTTPS, and what is to go round it. */
export function proxyVariables(env: NodeJS.ProcessEnv = process.env): ProxyVariables {
  const [httpsProxy, noProxy] = [env.HTTPS_PROXY || env.https_proxy, env.NO_PROXY || env.no_proxy];
  return { ...(httpsProxy ? { httpsProxy } : {}), ...(noProxy ? { noProxy } : {}) };
}

const noInfluence = 'has no influence here: the sentinel trusts its pins alone';
const foreignCode =
  'can load foreign code into the sentinel, against which nothing helps, or print keys: start it without';
/** Variables meant to change whom a program trusts or what code it loads, with what they do to a sentinel. */
const weakening: Record<string, string> = {
  NODE_TLS_REJECT_UNAUTHORIZED: noInfluence,
  NODE_EXTRA_CA_CERTS: noInfluence,
  NODE_USE_SYSTEM_CA: noInfluence,
  SSL_CERT_FILE: noInfluence,
  SSL_CERT_DIR: noInfluence,
  NODE_OPTIONS: foreignCode,
  LD_PRELOAD: foreignCode,
  OPENSSL_CONF: foreignCode,
  NODE_USE_ENV_PROXY: 'has no influence here: HTTPS_PROXY and NO_PROXY always count',
  HTTP_PROXY: 'has no influence here: only HTTPS_PROXY counts',
  ALL_PROXY: 'has no influence here: only HTTPS_PROXY counts',
};

/** A sentence for each variable of the environment that somebody may take for a way round the pins. Values are not shown. */
export function weakeningVariables(env: NodeJS.ProcessEnv = process.env): string[] {
  return Object.entries(weakening).flatMap(([name, effect]) => (env[name] ? [`the variable ${name} ${effect}`] : []));
}

/** The settings in `home`; throws `ConfigFault` with every fault at once. */
export function readConfig(home: string): Config {
  const file = configFile(home);
  const text = readIfThere(file);
  if (text === undefined) {
    throw new ConfigFault(`this sentinel is not enrolled (${file} is not there): run \`vedette-sentinel enrol\` first`);
  }
  const config = Config.safeParse(parse(text, file));
  if (config.success) return config.data;
  const faults = config.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new ConfigFault(`${file} can't be used: ${faults.join('; ')}. Correct it, or enrol again in another home.`);
}

export function isEnrolled(home: string): boolean {
  return readIfThere(configFile(home)) !== undefined;
}

/** Replaces the settings in `home` as a whole. Throws `FolderUnusable`. */
export function writeConfig(home: string, config: Config): void {
  replacePrivateFile(configFile(home), `${JSON.stringify(Config.parse(config), null, 2)}\n`);
}

function configFile(home: string): string {
  return path.join(home, 'config.json');
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConfigFault(`${file} can't be used: it is not JSON. Restore it, or enrol again in another home.`, {
      cause,
    });
  }
}
