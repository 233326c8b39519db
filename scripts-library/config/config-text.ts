import { randomUUID } from 'node:crypto';
import type { MonitorSettingsAnswer } from '../publish/deployment.ts';
import { inWords } from './duration.ts';

type Settings = MonitorSettingsAnswer['monitors'][number];

interface Scripts {
  /** Where each script's file is. */
  paths: ReadonlyMap<string, string>;
  /** What each is signed for. */
  hosts: ReadonlyMap<string, readonly string[]>;
}

/** What a `vedette.config.ts` exports. */
export interface ConfigValue {
  name: string;
  project: string;
  monitors: object[];
}

/** What tells a folder of scripts from all others, whatever they are called. */
export function newProjectId(): string {
  return randomUUID();
}

/** The text of a `vedette.config.ts`. */
export function configText(value: ConfigValue): string {
  return `import { defineConfig } from 'vedette';\n\nexport default defineConfig(${literal(value)});\n`;
}

/** A monitor as it is on the server, as a configuration writes it. */
export function written(monitor: Settings, { paths, hosts }: Scripts): object {
  const { everyMs, cron, hours, timeZone, timeoutMs, use, policy, thresholds = {} } = monitor;
  const { baseURL, ...otherUse } = use;
  const { screenshot, quality, width, trace, whenPassed } = policy.evidence;
  const others = (hosts.get(monitor.script) ?? []).filter(
    (host) => baseURL === undefined || host !== new URL(baseURL).host,
  );
  return (
    unempty({
      name: monitor.name,
      script: paths.get(monitor.script) ?? monitor.script,
      schedule: unempty({ every: everyMs === undefined ? undefined : inWords(everyMs), cron, hours, timeZone }),
      sentinels: monitor.sentinels,
      ...{ baseURL, use: unempty(otherUse), variables: unempty(monitor.variables), secrets: monitor.secrets },
      hosts: others.length === 0 ? undefined : others,
      thresholds: unempty(
        Object.fromEntries(Object.entries(thresholds).map(([step, us]) => [step, inWords(us / 1000)])),
      ),
      retries: policy.confirmFailures ? 1 : undefined,
      timeouts: unempty({
        run: timeoutMs === 60_000 ? undefined : inWords(timeoutMs),
        test: policy.testTimeoutMs === undefined ? undefined : inWords(policy.testTimeoutMs),
        expect: policy.expectTimeoutMs === undefined ? undefined : inWords(policy.expectTimeoutMs),
      }),
      evidence: unempty({
        screenshot: screenshot === 'viewport' ? undefined : screenshot,
        quality: quality === 75 ? undefined : quality,
        width: width === 1280 ? undefined : width,
        trace: trace || undefined,
        whenPassed: whenPassed === 'daily' ? undefined : whenPassed,
      }),
      mask: monitor.maskSelectors.length === 0 ? undefined : monitor.maskSelectors,
      minSandboxLevel: policy.minSandboxLevel === 1 ? undefined : policy.minSandboxLevel,
      tags: monitor.tags.length === 0 ? undefined : monitor.tags,
      paused: monitor.paused || undefined,
    }) ?? {}
  );
}

/** Without fields that have no value; undefined if none has. */
function unempty(value: object): object | undefined {
  const kept = Object.entries(value).filter(([, part]) => part !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** A value as an author would write it: two spaces deep, plain names without quotes, single quotes. */
export function literal(value: unknown, indent = ''): string {
  const deeper = `${indent}  `;
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) {
    if (value.every((part) => typeof part === 'string')) return `[${value.map(quoted).join(', ')}]`;
    return `[\n${value.map((part) => `${deeper}${literal(part, deeper)},\n`).join('')}${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, part]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
    return `${key}: ${literal(part, deeper)}`;
  });
  const line = `{ ${fields.join(', ')} }`;
  if (indent !== '' && line.length < 80 && !line.includes('\n')) return line;
  return `{\n${fields.map((field) => `${deeper}${field},\n`).join('')}${indent}}`;
}

/** A text in single quotes. */
export function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
