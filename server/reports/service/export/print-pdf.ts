import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerContext } from '../../../http/context.ts';
import { HttpProblem } from '../../../http/problem.ts';
import type { Made } from './exporter.ts';

/** What the process that prints is told; it answers with a `Printed`. */
export interface PrintJob extends Made {
  browser: string;
  /** Of the built console. */
  pages: string;
}

export type Printed = { pdf: Uint8Array } | { failed: string };

const longestMs = 60_000;
const pages = fileURLToPath(new URL('../../../console/dist', import.meta.url));
const printer = fileURLToPath(new URL('./printer.ts', import.meta.url));
const names = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'microsoft-edge-stable',
];

/**
 * The report's page, printed by a browser of its own in a process of its own, which is gone afterwards. It is given the
 * page and its figures, and nothing by which it could ask for more: no session, no network, no environment of ours.
 * Throws 503 `NO_BROWSER` or `PRINT_FAILED`.
 */
export async function printPdf(
  server: Pick<ServerContext, 'browser' | 'log' | 'stopping'>,
  made: Made,
): Promise<Buffer> {
  const browser = findBrowser(server.browser);
  const folder = mkdtempSync(join(tmpdir(), 'vedette-print-'));
  try {
    const printed = await print({ ...made, browser, pages }, folder, server.stopping.signal);
    if ('pdf' in printed) return Buffer.from(printed.pdf);
    server.log.error({ browser, why: printed.failed }, 'a report could not be printed');
    throw new HttpProblem(503, 'PRINT_FAILED', "the server's browser could not print it; the server's log says why");
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function findBrowser({ chosen, searchPath }: ServerContext['browser']): string {
  const places = searchPath.split(delimiter).filter((folder) => folder !== '');
  const candidates =
    chosen === undefined ? names.flatMap((name) => places.map((place) => join(place, name))) : [chosen];
  const found = candidates.find((file) => existsSync(file));
  if (found !== undefined) return found;
  const why = chosen === undefined ? 'this server has no browser to print with' : `there is no browser ${chosen}`;
  const next = 'have Chromium installed on it (apt-get install chromium), or export to Excel or CSV';
  throw new HttpProblem(503, 'NO_BROWSER', `${why}: ${next}`);
}

/** `folder` is all that the process and its browser write to. */
async function print(job: PrintJob, folder: string, stopping: AbortSignal): Promise<Printed> {
  const env = { HOME: folder, TMPDIR: folder, ...(process.platform === 'win32' && { TEMP: folder, TMP: folder }) };
  const child = fork(printer, {
    serialization: 'advanced',
    env,
    cwd: folder,
    execArgv: [],
    signal: stopping,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const answer = Promise.withResolvers<Printed>();
  child.on('message', (printed: Printed) => answer.resolve(printed));
  child.on('error', (error) => answer.resolve({ failed: error.message }));
  child.on('exit', (code, signal) => answer.resolve({ failed: `the process that prints ended (${code ?? signal})` }));
  const late = setTimeout(() => answer.resolve({ failed: `it took longer than ${longestMs / 1000} s` }), longestMs);
  child.send(job);
  try {
    return await answer.promise;
  } finally {
    clearTimeout(late);
    // The browser hangs on its pipe and goes with it.
    child.kill('SIGKILL');
    await ended(child);
  }
}

async function ended(child: ReturnType<typeof fork>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
}
