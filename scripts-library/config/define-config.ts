/** A length of time as people write it: `500 ms`, `30 s`, `5 min`, `1 h`. */
export type Duration = `${number} ${'ms' | 's' | 'min' | 'h'}` | `${number}${'ms' | 's' | 'min' | 'h'}`;

/** What is watched, where, how often, and what is too slow. */
export interface MonitorConfig {
  /** As reports and the console call it. */
  name: string;
  /** The script's file, from the folder of this configuration. */
  script: string;
  /** When it runs; left out, every 5 minutes. */
  schedule?: {
    every?: Duration;
    /** In the place of `every`: five fields, as in `"*\/15 8-17 * * mon-fri"`. */
    cron?: string;
    /** Hours of a week outside of which it does not run, as in `"mon-fri 08:00-18:00"`. */
    hours?: string;
    /** Of `cron` and `hours`, as in `"Europe/Amsterdam"`; left out, the customer's. */
    timeZone?: string;
  };
  /** Who runs it: one of these is enough, and sentinels that enrol later are chosen too. Left out, all. */
  sentinels?: { names?: string[]; locations?: string[]; tags?: string[] };
  /** Where the script's addresses begin. */
  baseURL?: string;
  /** Options of Playwright's `use`; those of the script go before them. */
  use?: Record<string, unknown>;
  /** Plain values that the script reads from `process.env`. */
  variables?: Record<string, string>;
  /** Names of the secrets it may read, whose values lie on sentinels; left out, all that the script names. */
  secrets?: string[];
  /** Hosts it may reach, beside those its text and `baseURL` name. */
  hosts?: string[];
  /** Response time by transaction, or with the name `""` of the whole run, from which it is degraded. */
  thresholds?: Record<string, Duration>;
  /** 1: a failed run is done once more at once, and the second one counts. Left out, 0. */
  retries?: 0 | 1;
  /** How long a whole run (60 s), a test (30 s) and an assertion (5 s) may take. */
  timeouts?: { run?: Duration; test?: Duration; expect?: Duration };
  /** What is kept of a failure; `whenPassed`: how often its transactions are pictured when all is well, to compare. */
  evidence?: {
    screenshot?: 'viewport' | 'page' | 'none';
    quality?: number;
    width?: number;
    trace?: boolean;
    whenPassed?: 'daily' | 'never';
  };
  /** CSS selectors of what is painted over in screenshots, beside password fields. */
  mask?: string[];
  /** A sentinel whose sandbox has a lower level does not run it. */
  minSandboxLevel?: 1 | 2 | 3;
  /** Names that the overview groups and finds it by. */
  tags?: string[];
  /** Nobody runs it, and nothing is expected. */
  paused?: boolean;
}

/** All that one folder of scripts deploys. */
export interface Config {
  /** Names this configuration among those of the customer: monitors say that it manages them. Small letters, digits, - . _ */
  name: string;
  /** Tells this folder from others whose configuration has the same name; `vedette init` makes it. */
  project: string;
  monitors: MonitorConfig[];
}

/** Tells the editor what a configuration can have. */
export function defineConfig(config: Config): Config {
  return config;
}
