import { type Config, readConfig } from './config.ts';
import { Journal } from './journal/journal.ts';
import { ownLink } from './link/own-link.ts';
import type { Assignment, Assignments } from './protocol/messages.ts';
import { inBoth } from './runner/gate/hosts.ts';
import { trustScript } from './script-trust.ts';
import { keysFor } from './settings/narrow.ts';
import { readSettings, type Settings, settingNames } from './settings/settings.ts';
import { Vault } from './vault.ts';

/** Who has just enrolled waits no longer than that for the server to say what is to be done (ms). */
const askMs = 10_000;

/** What a monitor that is assigned here will do. */
export interface MonitorAhead {
  name: string;
  /** Null if its script is not to be trusted here. */
  script: string | null;
  /** `host` or `host:port` that its runs may reach: its author signed them, and this device allows them. */
  hosts: string[];
  /** Those that its author signed too and this device's settings refuse. */
  refusedHosts: string[];
  /** The secrets that it reads and that are not set on this device. */
  missingSecrets: string[];
  /** Why it will not be run; null if it will. */
  notRun: string | null;
}

export interface Prospect {
  /** Those assigned now; null if the server did not say. */
  monitors: MonitorAhead[] | null;
  /** Why they are not known; null if they are. */
  notKnown: string | null;
  /** What this device's administrator has set. */
  settings: Settings;
}

/** Asks the server of an enrolled home, which no sentinel uses yet, what is to be done there. An answer that does not come is told. */
export async function askProspect(home: string, signal: AbortSignal): Promise<Prospect> {
  const settings = readSettings(home);
  try {
    using journal = new Journal(home);
    await using link = ownLink(home, journal);
    const reply = await link.assignments(undefined, 0, AbortSignal.any([signal, AbortSignal.timeout(askMs)]));
    if (reply.kind === 'done') {
      return { monitors: monitorsAhead(home, reply.value.assignments, settings), notKnown: null, settings };
    }
    return { monitors: null, notKnown: 'why' in reply ? reply.why : 'the server gave no answer', settings };
  } catch (error) {
    return { monitors: null, notKnown: error instanceof Error ? error.message : String(error), settings };
  }
}

function monitorsAhead(home: string, { assignments, scriptKeys }: Assignments, settings: Settings): MonitorAhead[] {
  const trust = {
    keys: keysFor(settings, scriptKeys),
    customerId: readConfig(home).customer.id,
    highestVersion: () => 0, // a start of the sentinel looks at its own memory
  };
  const secretsHere = new Set(new Vault(home).names());
  return assignments.map((assignment) => monitorAhead(assignment, trust, settings, secretsHere));
}

function monitorAhead(
  assignment: Assignment,
  trust: Parameters<typeof trustScript>[1],
  settings: Settings,
  secretsHere: ReadonlySet<string>,
): MonitorAhead {
  const { name } = assignment;
  const trusted = trustScript(assignment, trust);
  if (!trusted.ok) {
    return { name, script: null, hosts: [], refusedHosts: [], missingSecrets: [], notRun: trusted.reason };
  }
  const { script, hosts: signed, secrets, withDefault = [] } = trusted.statement;
  const hosts = settings.hosts === undefined ? signed : inBoth(signed, settings.hosts);
  const refusedHosts = signed.filter((host) => inBoth([host], hosts).length === 0);
  const needed = assignment.secrets.filter((secret) => secrets.includes(secret) && !withDefault.includes(secret));
  const missingSecrets = needed.filter((secret) => !secretsHere.has(secret));
  return { name, script, hosts, refusedHosts, missingSecrets, notRun: null };
}

/** For people: whom this device is to talk to, and what holds it back. */
export function prospectText(config: Config, { monitors, notKnown, settings }: Prospect): string {
  const set = settingNames.flatMap((name) => (settings[name] === undefined ? [] : `${name} ${settings[name]}`));
  const through = config.proxy === undefined ? '' : `, through ${config.proxy}`;
  const lines = [
    ['Server', config.server + through],
    ['Pins', config.pins.join(', ')],
    ['Monitors', monitors === null ? `not known: ${notKnown}` : monitorCount(monitors.length)],
    ...(monitors ?? []).map((monitor) => ['', monitorText(monitor)] as const),
    ['Allowed', set.length > 0 ? set.join('; ') : 'whatever the authors of the scripts signed'],
    ['', 'Change that with `vedette-sentinel settings`; what is sent stands in `vedette-sentinel collects`.'],
  ] as const;
  return lines.map(([what, text]) => `${what.padEnd(10)}${text}`).join('\n');
}

function monitorCount(count: number): string {
  if (count === 0) return 'none yet: one that is assigned later reaches what its author signed, as `settings` allows';
  return count === 1 ? '1 is assigned' : `${count} are assigned`;
}

function monitorText({ name, script, hosts, refusedHosts, missingSecrets, notRun }: MonitorAhead): string {
  if (notRun !== null) return `${name}: is not run, ${notRun}`;
  const refused = refusedHosts.length > 0 ? `; refused here: ${refusedHosts.join(', ')}` : '';
  const missing = missingSecrets.length > 0 ? `; needs \`secret set ${missingSecrets.join('`, `secret set ')}\`` : '';
  return `${name} (${script}): reaches ${hosts.join(', ') || 'no host'}${refused}${missing}`;
}
