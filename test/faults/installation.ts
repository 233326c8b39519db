import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CustomerId } from '../../db/customers.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { writeSettings } from '../../sentinel/settings/settings.ts';
import { Vault } from '../../sentinel/vault.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { addMonitor, type NewMonitor } from '../../server/assignments/monitors.ts';
import { publish } from '../../server/assignments/publish.ts';
import { serverConfig } from '../../server/config.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { openContext } from '../../server/http/context.ts';
import { type RunningShop, startShop } from '../apps/shop/shop.ts';
import { thriftyBrowser } from '../thrifty-browser.ts';
import { type Program, startProgram } from './program.ts';

const shopPassword = 'correct horse battery';
const everyMs = 1500;

/** A customer with a shop and a monitor on it, in a temporary folder. Server and sentinels are started by the test. */
export interface Installation extends AsyncDisposable {
  shop: RunningShop;
  monitorId: string;
  /** File of the customer's database. */
  database: string;
  /** The server as a process, always on the same port and data folder. */
  startServer(): Promise<Program>;
  /** Enrols a sentinel with the running server; returns its home folder. */
  enrolSentinel(name: string): Promise<string>;
  /** The sentinel of a home folder as a process with its browser. */
  startSentinel(home: string): Promise<Program>;
  /** Where sentinels keep what is temporary. */
  temporary: string;
  serverPort: number;
}

/** How the installation is built, where that matters. */
export interface Building {
  policy?: NewMonitor['policy'];
  /** Name under which the monitor finds the shop; left out, its address. */
  shopHost?: string;
  /** Writes what server and sentinel do on the network into files, `server.strace` and `sentinel.strace` in this folder. */
  traceTo?: string;
}

export async function buildInstallation({ policy = {}, shopHost, traceTo }: Building = {}): Promise<Installation> {
  await using made = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-kill-'));
  made.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const shop = made.use(await startShop({ password: shopPassword }));
  const running = new Set<Program>();
  made.defer(async () => void (await Promise.all([...running].map((program) => program.kill()))));
  const start = async (settings: Parameters<typeof startProgram>[0]) => {
    const program = await startProgram(settings);
    running.add(program);
    return program;
  };
  const [dataFolder, temporary] = [join(folder, 'server'), join(folder, 'tmp')];
  mkdirSync(temporary);
  const port = await freePort();
  const { customerId, monitorId, code, pin } = await seed(
    dataFolder,
    `${shopHost ?? '127.0.0.1'}:${shop.port}`,
    policy,
  );
  const whole = made.move();
  return {
    shop,
    monitorId,
    database: join(dataFolder, 'customers', customerId, 'live.sqlite'),
    temporary,
    serverPort: port,
    startServer: () =>
      start({
        command: ['server/cli.ts', 'run', '--data', dataFolder, '--port', String(port), '--log-level', 'warn'],
        folder: dataFolder,
        traceTo: traceTo && join(traceTo, 'server.strace'),
      }),
    async enrolSentinel(name) {
      const home = join(folder, name);
      const server = `https://127.0.0.1:${port}`;
      await enrol({ server, pin, code, name, home }, new AbortController().signal);
      new Vault(home).setSecret('SHOP_PASSWORD', shopPassword);
      writeSettings(home, { browser: thriftyBrowser });
      return home;
    },
    startSentinel: (home) =>
      start({
        command: ['sentinel/cli.ts', '--home', home, 'run', ...(process.getuid?.() === 0 ? ['--allow-root'] : [])],
        folder: home,
        env: { TMPDIR: temporary },
        traceTo: traceTo && join(traceTo, 'sentinel.strace'),
      }),
    [Symbol.asyncDispose]: () => whole.disposeAsync(),
  };
}

async function seed(dataFolder: string, host: string, policy: NewMonitor['policy']) {
  await using server = await openContext(serverConfig({ dataFolder, logLevel: 'silent' }, {}));
  const customerId: CustomerId = (await addCustomer(server, 'Aurora')).id;
  const script = { file: join(import.meta.dirname, 'order.spec.ts') };
  await publish(server, customerId, { script, author: 'test', hosts: [host] });
  const monitorId = await addMonitor(server, customerId, {
    name: 'Web shop',
    script: 'order.spec.ts',
    everyMs,
    timeoutMs: 60_000,
    use: { baseURL: `http://${host}` },
    policy,
  });
  const code = await addEnrolmentCode(server, customerId, { location: 'Utrecht', uses: 100 });
  return { customerId, monitorId, code, pin: server.authority.pins[0] ?? '' };
}

/** A free port below those that systems give to outgoing connections: while the server is down nobody is handed it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((answer) => {
      probe.once('error', () => answer(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
    });
    if (isFree) return port;
  }
}
