import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { Children } from './children.ts';
import { ConsoleClient } from './console-client.ts';
import { customerReport, type DemoReport, isComplete, table } from './report.ts';
import { type Ports, seed } from './seed.ts';
import { caFile, type DemoState, readState, serverFolder, startOver, writeState } from './state.ts';

/*
 * `npm run demo`: the whole product on this machine. A server, two customers, a shop and a sentinel for each; every hop
 * is the real one. Stays until Ctrl-C; with `--once` it ends when both customers have something to report.
 */

interface Options {
  once?: boolean;
  json?: boolean;
  fresh?: boolean;
  port?: number;
  shopPort?: number;
  folder: string;
  browser?: string;
}

const defaults = { port: 8443, shopPort: 8481 };
const onceLimitMs = 4 * 60_000;

class DemoFault extends Error {}

const program = new Command('npm run demo --')
  .description(
    'Runs the whole product on this machine: a server, and for each of two customers a shop and a sentinel that watches it.',
  )
  .option('--once', 'end when both customers have a Checkout that worked and one that failed, and print a table')
  .option('--json', 'with --once: print one JSON object as the last line')
  .option('--fresh', 'start over: forget what earlier demos kept')
  .option('--port <number>', `port of the console and of the sentinels' connection (default: ${defaults.port})`, port)
  .option(
    '--shop-port <number>',
    `port of the first shop; the second takes the next (default: ${defaults.shopPort})`,
    port,
  )
  .option('--folder <path>', 'where the demo keeps its data', '.vedette/demo')
  .option(
    '--browser <kind>',
    'a path, or chrome, chromium, msedge or headless-shell, for sentinels made from now on (default: one found here)',
  );

try {
  await demo(program.parse().opts<Options>());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function demo(options: Options): Promise<void> {
  const folder = resolve(options.folder);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  await using children = new Children();
  const state = await setUp(folder, options, children);
  const url = `https://127.0.0.1:${state.port}`;
  for (const { name, sentinelHome } of state.customers) {
    await children.start({
      name: `The sentinel of ${name} could not start`,
      command: [
        'sentinel/cli.ts',
        '--home',
        sentinelHome,
        'run',
        ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
      ],
    });
  }
  console.log(welcome(folder, state, url));
  const failed = children.failed.then((sentence) => {
    throw new DemoFault(sentence);
  });
  const aborted = new Promise<void>((done) => stop.signal.addEventListener('abort', () => done()));
  await Promise.race([failed, aborted, ...(options.once ? [once(folder, state, url, options, stop.signal)] : [])]);
  stop.abort();
  console.error('stopping …');
}

/** Starts the server and the shops; the first time, makes customers, users and sentinels before. */
async function setUp(folder: string, options: Options, children: Children): Promise<DemoState> {
  const kept = options.fresh ? undefined : readState(folder);
  const ports = portsOf(kept, options);
  for (const p of [ports.console, ...ports.shops]) await mustBeFree(p);
  if (kept) {
    await startServices(folder, kept, children);
    return kept;
  }
  console.error('demo: making two customers, their users, a signed script and a monitor each …');
  startOver(folder);
  const { state, codes } = await seed(folder, ports);
  await startServices(folder, state, children);
  for (const [index, { name, sentinelHome, shopPassword }] of state.customers.entries()) {
    const vedetteSentinel = (what: string, command: string[], input?: string) =>
      children.finish({
        name: `The sentinel of ${name} could not ${what}`,
        command: ['sentinel/cli.ts', '--home', sentinelHome, ...command],
        ...(input === undefined ? {} : { input }),
      });
    const enrolment = ['--server', `https://127.0.0.1:${state.port}`, '--pin', state.pin, '--code', codes[index] ?? ''];
    await vedetteSentinel('enrol', ['enrol', ...enrolment, '--name', `${name} reception`]);
    if (options.browser) await vedetteSentinel('use that browser', ['settings', 'set', 'browser', options.browser]);
    await vedetteSentinel('keep its secret', ['secret', 'set', 'SHOP_PASSWORD', '--value-stdin'], shopPassword);
  }
  writeState(folder, state);
  return state;
}

async function startServices(folder: string, state: DemoState, children: Children): Promise<void> {
  const shops = state.customers.map(({ name, shopPort, shopPassword }, index) =>
    children.start({
      name: `The shop of ${name} could not start`,
      command: ['test/apps/shop/main.ts', '--port', String(shopPort), '--switches', switchesOf(index)],
      env: { SHOP_PASSWORD: shopPassword },
    }),
  );
  const server = children.start({
    name: 'The server could not start',
    command: [
      'server/cli.ts',
      'run',
      '--data',
      serverFolder(folder),
      '--port',
      String(state.port),
      '--log-level',
      'warn',
      '--second-factor',
      'optional',
    ],
  });
  await Promise.all([...shops, server]);
}

/** Each shop answers at its own pace, and every fourth checkout goes wrong, each time in another way. */
function switchesOf(shop: number): string {
  return join(import.meta.dirname, `shop-${shop + 1}.json`);
}

async function once(
  folder: string,
  state: DemoState,
  url: string,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const trust = { ca: readFileSync(caFile(folder), 'utf8'), pins: new Set([state.pin]) };
  await using clients = new AsyncDisposableStack();
  const watched = await Promise.all(
    state.customers.map(async (customer) => {
      const client = clients.use(new ConsoleClient(url, trust));
      const user = state.users.find((u) => u.customer === customer.name);
      await client.signIn(user?.name ?? '', user?.password ?? '');
      return { client, customer };
    }),
  );
  const until = performance.now() + onceLimitMs;
  for (;;) {
    const customers = await Promise.all(watched.map(({ client, customer }) => customerReport(client, customer)));
    const report: DemoReport = { customers, console_url: url };
    const complete = customers.every(isComplete);
    if (complete || performance.now() > until) {
      console.log(table(report));
      if (options.json) console.log(JSON.stringify(report));
      if (!complete) throw new DemoFault(`After ${onceLimitMs / 60_000} minutes ${missing(report)}.`);
      return;
    }
    await wait(1000, undefined, { signal });
  }
}

function missing({ customers }: DemoReport): string {
  const without = customers.filter((c) => !isComplete(c)).map((c) => c.name);
  return `${without.join(' and ')} had no report yet with a Checkout that worked, one that failed and its screenshot`;
}

function portsOf(kept: DemoState | undefined, { port: wanted, shopPort }: Options): Ports {
  if (
    kept &&
    ((wanted ?? kept.port) !== kept.port || (shopPort ?? kept.customers[0]?.shopPort) !== kept.customers[0]?.shopPort)
  ) {
    throw new DemoFault(
      `This demo was set up on port ${kept.port} with shops from ${kept.customers[0]?.shopPort}; its sentinels know those. Add --fresh to start over on others.`,
    );
  }
  const first = shopPort ?? kept?.customers[0]?.shopPort ?? defaults.shopPort;
  return { console: wanted ?? kept?.port ?? defaults.port, shops: [first, first + 1] };
}

async function mustBeFree(number: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((done, refuse) => {
    probe.once('error', (error: NodeJS.ErrnoException) =>
      refuse(
        new DemoFault(
          `Port ${number} can't be used (${error.code}): stop what listens there, or choose others with --fresh --port and --shop-port.`,
        ),
      ),
    );
    probe.listen(number, '127.0.0.1', () => probe.close(() => done()));
  });
}

function welcome(folder: string, state: DemoState, url: string): string {
  const people = state.users.map(
    (u) =>
      `    ${u.name.padEnd(10)} ${u.password}   ${u.customer ? `sees ${u.customer}` : 'sees the overview of all customers'}`,
  );
  return [
    '',
    `  Vedette runs at ${url}`,
    '    Its certificate is from its own authority: let your browser go on, or have it trust',
    `    ${caFile(folder)}`,
    '',
    '  Who can sign in',
    ...people,
    '',
    `  The sentinels talk to the server with this pinned key only: ${state.pin}`,
    '  What to look at: sign in, open "Web shop"; one Checkout in four fails, open such a run for its screenshot.',
    `  The data stays in ${folder}; --fresh starts over. Stop with Ctrl-C.`,
    '',
  ].join('\n');
}

function port(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 65_535) return number;
  throw new InvalidArgumentError('It must be a port number from 1 to 65534.');
}
