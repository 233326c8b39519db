import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';

export interface CdpMessage {
  id?: number;
  method?: string;
  params?: Record<string, unknown> | undefined;
  sessionId?: string | undefined;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

/** A running browser and its debugging pipe. Nothing else on the machine can reach that pipe. */
export interface Chromium {
  readonly version: string;
  readonly alive: boolean;
  /** Sends a command of the sentinel's own; rejects with the browser's error, or after `timeoutMs`. */
  call(method: string, params?: object, sessionId?: string, timeoutMs?: number): Promise<Record<string, unknown>>;
  /** Passes on a command whose answer is wanted as it comes. */
  forward(message: CdpMessage, answer: (message: CdpMessage) => void): void;
  /** Who gets the browser's events; one listener at a time. */
  onEvent: (message: CdpMessage) => void;
  close(): Promise<void>;
}

const names = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
  'chromium-headless-shell',
];
const knownPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/**
 * The browser of this machine, or none: one its users have, else one that Playwright once downloaded.
 * `environment` is where PATH, HOME and PLAYWRIGHT_BROWSERS_PATH are looked up.
 */
export function findBrowser(environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...knownPlaces];
  return candidates.find((file) => existsSync(file)) ?? findPlaywrights(environment);
}

function findPlaywrights({ PLAYWRIGHT_BROWSERS_PATH, HOME = '' }: NodeJS.ProcessEnv): string | undefined {
  const cache = PLAYWRIGHT_BROWSERS_PATH ?? join(HOME, '.cache', 'ms-playwright');
  const executables = globSync('chromium*/chrome-*/{chrome,chrome-headless-shell,headless_shell}', { cwd: cache });
  const [newest] = executables.sort().reverse();
  return newest && join(cache, newest);
}

/** In a profile, leads to the browser's temporary folder, so that whoever removes the one finds the other. */
const temporaryLink = 'temporary';

/**
 * Starts a browser that waits for runs. `proxy` is the gate's address: the browser reaches everything through it, name
 * resolution included, and has no other way out.
 */
export async function openChromium(path: string, folder: string, proxy: string): Promise<Chromium> {
  const profile = mkdtempSync(join(folder, 'profile-'));
  // Chromium puts a socket there, and a socket's path may have no more than 107 characters.
  const temporary = mkdtempSync(join(tmpdir(), 'vedette-'));
  symlinkSync(temporary, join(profile, temporaryLink));
  const child = spawn(path, flags(profile, proxy), {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      HOME: profile,
      TMPDIR: temporary,
      XDG_CONFIG_HOME: profile,
      XDG_CACHE_HOME: profile,
      PATH: '/usr/bin:/bin',
      LANG: 'C.UTF-8',
    },
    detached: true,
  });
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  const pipe = connect(child, ended);
  const close = async () => {
    killGroup(child);
    await ended;
    removeProfile(profile);
  };
  try {
    const { product } = await pipe.call('Browser.getVersion', {}, undefined, 30_000);
    return Object.assign(pipe, { version: String(product), close });
  } catch (error) {
    await close();
    throw new Error(`The browser ${path} did not start: ${lastLine(complaint)}`, { cause: error });
  }
}

function flags(profile: string, proxy: string): string[] {
  return [
    '--headless=new',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    `--proxy-server=${proxy}`,
    '--proxy-bypass-list=<-loopback>',
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
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    '--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,AutofillServerCommunication,CertificateTransparencyComponentUpdater',
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

function connect(child: ChildProcess, ended: Promise<void>) {
  const [, , , toBrowser, fromBrowser] = child.stdio as unknown as [unknown, unknown, unknown, Writable, Readable];
  const waiting = new Map<number, (message: CdpMessage) => void>();
  let lastId = 0;
  let alive = true;
  void ended.then(() => {
    alive = false;
    for (const answer of waiting.values()) answer({ error: { code: -32_000, message: 'Browser has been closed' } });
    waiting.clear();
  });
  toBrowser.on('error', () => {}); // the browser is gone; `ended` says so to everybody
  fromBrowser.on('error', () => {});

  const pipe = {
    onEvent: (_: CdpMessage) => {},
    get alive() {
      return alive;
    },
    forward(message: CdpMessage, answer: (message: CdpMessage) => void) {
      if (!alive) return answer({ error: { code: -32_000, message: 'Browser has been closed' } });
      const id = ++lastId;
      waiting.set(id, answer);
      toBrowser.write(`${JSON.stringify({ ...message, id })}\0`);
    },
    call(method: string, params: object = {}, sessionId?: string, timeoutMs = 5000) {
      return new Promise<Record<string, unknown>>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${method}: no answer in ${timeoutMs} ms`)), timeoutMs);
        const message = { method, params: params as Record<string, unknown>, ...(sessionId ? { sessionId } : {}) };
        pipe.forward(message, ({ result, error }) => {
          clearTimeout(timer);
          if (error) reject(new Error(`${method}: ${error.message}`));
          else resolve(result ?? {});
        });
      });
    },
  };
  readMessages(fromBrowser, (message) => {
    const answer = message.id === undefined ? undefined : waiting.get(message.id);
    if (message.id === undefined) return pipe.onEvent(message);
    waiting.delete(message.id);
    answer?.(message);
  });
  return pipe;
}

/** Messages of the debugging pipe end in a zero byte each. */
function readMessages(from: Readable, deliver: (message: CdpMessage) => void): void {
  let parts: Buffer[] = [];
  from.on('data', (data: Buffer) => {
    let start = 0;
    for (let end = data.indexOf(0); end >= 0; end = data.indexOf(0, start)) {
      const text = Buffer.concat([...parts, data.subarray(start, end)]).toString();
      parts = [];
      start = end + 1;
      deliver(JSON.parse(text) as CdpMessage);
    }
    if (start < data.length) parts.push(data.subarray(start));
  });
}

/** Removes what a browser of an earlier sentinel left in `folder`, because that sentinel was killed. */
export function sweepProfiles(folder: string): void {
  for (const profile of globSync('profile-*', { cwd: folder })) removeProfile(join(folder, profile));
}

function removeProfile(profile: string): void {
  const remove = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 };
  try {
    rmSync(readlinkSync(join(profile, temporaryLink)), remove);
  } catch {
    // cut off before the link was made: there is nothing to follow
  }
  rmSync(profile, remove);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // Windows has no process groups
  }
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.includes('crashpad'));
  return lines.at(-1)?.slice(0, 300) ?? 'it ended without a word';
}

/** Version a browser prints, such as `Chromium 150.0.7871.100`; rejects when it can't run. */
export async function versionOf(path: string): Promise<string> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 20_000 });
  return stdout.trim();
}
