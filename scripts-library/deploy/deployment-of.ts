import path from 'node:path';
import type { Project } from '../config/load.ts';
import type { MonitorConfig } from '../config/schema.ts';
import { type Bundle, bundle, ScriptRefused } from '../publish/bundle.ts';
import type { Deployment } from '../publish/deployment.ts';
import type { Fault } from '../publish/faults.ts';

/** A script of a project, bundled, with all that its monitors ask for. */
export interface ProjectScript extends Bundle {
  /** Hosts it is to be signed for beside those its text names. */
  more: string[];
}

/** Every script that a project's monitors name, once each. Throws `ScriptRefused` with the faults of all. */
export async function scriptsOf({ folder, config }: Project): Promise<ProjectScript[]> {
  const scripts: ProjectScript[] = [];
  const faults: Fault[] = [];
  for (const [script, monitors] of Map.groupBy(config.monitors, (monitor) => path.posix.normalize(monitor.script))) {
    try {
      const bundled = await bundle(path.join(folder, script), folder);
      scripts.push({ ...bundled, more: [...new Set(monitors.flatMap(hostsOf))].sort() });
    } catch (error) {
      if (!(error instanceof ScriptRefused)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new ScriptRefused('the scripts', faults);
  return scripts;
}

/** The monitors of a project, as the server is told of them. */
export function monitorsOf({ config }: Project): Deployment['monitors'] {
  return config.monitors.map((monitor) => {
    const { name, script, schedule = {}, timeouts = {}, retries, mask, evidence, minSandboxLevel, ...same } = monitor;
    const { sentinels, baseURL, use, variables, secrets, thresholds, tags, paused } = same;
    const { every, ...when } = schedule;
    const policy = {
      ...{ testTimeoutMs: timeouts.test, expectTimeoutMs: timeouts.expect, evidence, minSandboxLevel },
      ...(retries !== undefined && { confirmFailures: retries === 1 }),
    };
    return {
      name,
      script: path.posix.basename(script),
      ...(when.cron === undefined && { everyMs: every ?? usualIntervalMs }),
      ...when,
      ...{ sentinels, variables, secrets, tags, paused, timeoutMs: timeouts.run, maskSelectors: mask },
      use: { ...use, ...(baseURL !== undefined && { baseURL }) },
      thresholds: thresholds && inMicroseconds(thresholds),
      policy,
    };
  });
}

const usualIntervalMs = 300_000;

/** Hosts that a monitor needs: those it names and where it begins. */
export function hostsOf({ hosts = [], baseURL }: MonitorConfig): string[] {
  return [...hosts, ...(baseURL === undefined ? [] : [new URL(baseURL).host])];
}

function inMicroseconds(thresholds: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(thresholds).map(([name, ms]) => [name, ms * 1000]));
}
