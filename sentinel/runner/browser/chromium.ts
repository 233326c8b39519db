import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { dyingWithParent, limited } from '../sandbox/kernel-limits.ts';
import { deviceTimeZone } from '../time-zone.ts';
import { openPipe, type Pipe } from './pipe.ts';
import { killGroup } from './process-group.ts';
import { newProfile, type Profile, removeProfile } from './profile.ts';

/** A running browser and its debugging pipe. Nothing else on the machine can reach that pipe. */
export interface Chromium extends Pipe {
  readonly version: string;
  /** The process whose descendants are the browser. */
  readonly pid: number;
  /** The only way out, as the address of a proxy. */
  readonly gate: string;
  /** Whether it is on a person's screen, and its clipboard that person's. */
  readonly isShown: boolean;
  readonly alive: boolean;
  /** Whether it was ended because it said more at once than can be held. */
  readonly overfull: boolean;
  /** Resolves when the browser is gone, for whatever reason. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

const startMs = 30_000;
/** Of one of its processes; a page that asks for more crashes. Chromium's pages map some 600 MiB, of which they use a tenth. */
const dataBytes = 3 * 1024 * 1024 * 1024;

/**
 * Starts a browser that waits for runs. `gate` is the address of the only way out: what a run has the browser do reaches
 * everything through it, name resolution included. What the browser does by itself reaches nothing. It is shown only where there is a `display`.
 */
export async function openChromium(
  path: string,
  folder: string,
  gate: string,
  display?: Record<string, string>,
): Promise<Chromium> {
  const profile = newProfile(folder);
  const isShown = display !== undefined;
  const browser = [path, ...flags(profile.folder, isShown)];
  const [command = '', ...args] = dyingWithParent(limited(browser, { dataBytes }));
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...environment(profile), ...display },
    detached: true,
  });
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-2000);
  });
  const gone = Promise.withResolvers<void>();
  child.once('error', () => gone.resolve()).once('exit', () => gone.resolve());
  const [, , , toBrowser, fromBrowser] = child.stdio as unknown as [unknown, unknown, unknown, Writable, Readable];
  const pipe = openPipe(toBrowser, fromBrowser, (what) => {
    overfull ||= what === 'too long';
    if (alive) killGroup(child);
  });
  let alive = true;
  let overfull = false;
  const ended = gone.promise.then(() => {
    killGroup(child); // what it leaves behind
    alive = false;
    pipe.end();
  });
  const close = async () => {
    if (alive) killGroup(child);
    await ended;
    removeProfile(profile.folder);
  };
  try {
    const { product } = await pipe.call('Browser.getVersion', {}, undefined, startMs);
    const more = { version: String(product), pid: child.pid ?? 0, gate: `socks5://${gate}`, isShown, ended, close };
    const states = { alive: { get: () => alive }, overfull: { get: () => overfull } };
    return Object.defineProperties(Object.assign(pipe, more), states) as Chromium;
  } catch (error) {
    await close();
    throw new Error(`The browser ${path} did not start: ${lastLine(complaint)}`, { cause: error });
  }
}

function environment({ folder, temporary }: Profile): NodeJS.ProcessEnv {
  return {
    HOME: folder,
    TMPDIR: temporary,
    XDG_CONFIG_HOME: folder,
    XDG_CACHE_HOME: folder,
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    TZ: deviceTimeZone(),
  };
}

function flags(profile: string, isShown: boolean): string[] {
  return [
    ...(isShown ? [] : ['--headless=new']),
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    '--proxy-server=socks5://nowhere.invalid:1',
    '--proxy-bypass-list=<-loopback>',
    // Names are resolved at the gate; whatever part of the browser tries by itself finds nothing.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    // One is what Chromium calls it, the other what the headless shell does.
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--disable-quic',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-domain-reliability',
    '--disable-extensions',
    '--disable-sync',
    '--disable-breakpad',
    '--disable-client-side-phishing-detection',
    // Playwright waits in vain for a page that comes back whole instead of being loaded.
    '--disable-back-forward-cache',
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    '--disable-field-trial-config',
    `--disable-features=${disabledFeatures.join(',')}`,
    // As Playwright starts its own browser, for a page to behave the same.
    '--disable-popup-blocking',
    '--disable-prompt-on-repost',
    '--disable-hang-monitor',
    '--disable-ipc-flooding-protection',
    '--force-color-profile=srgb',
    '--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4',
    '--metrics-recording-only',
    '--password-store=basic',
    '--use-mock-keychain',
    '--hide-scrollbars',
    '--mute-audio',
    // Chromium refuses its own sandbox to root; a sentinel runs as root only where `--allow-root` was given.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    'about:blank',
  ];
}

const disabledFeatures = [
  'AutofillServerCommunication',
  'CertificateTransparencyComponentUpdater',
  'DialMediaRouteProvider',
  'MediaRouter',
  'OptimizationHints',
  'Translate',
  // These ask Google for every new context and page, in vain: each took a connection to the gate.
  'AimEnabled',
  'NetworkTimeServiceQuerying',
  'PreconnectToSearch',
  // As Playwright starts its own browser, for a page to behave the same.
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
];

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.includes('crashpad'));
  return lines.at(-1)?.slice(0, 300) ?? 'it ended without a word';
}
