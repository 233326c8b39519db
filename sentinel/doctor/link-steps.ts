import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import net from 'node:net';
import type { Config } from '../config.ts';
import type { Journal } from '../journal/journal.ts';
import { Connection } from '../link/connection.ts';
import { addressOf, type Way, wayTo } from '../link/connector.ts';
import { explain, isOfDates } from '../link/explain.ts';
import type { Link } from '../link/link.ts';
import { phaseOf } from '../link/phase.ts';
import { apiPrefix, type Phase } from '../protocol/messages.ts';
import type { HttpProxy } from '../proxy-address.ts';
import { type Finding, ok, type Step, skipped, wrong } from './steps.ts';

/** An offset of the clocks beyond which people would wonder about times; runs are right all the same. */
const mostOffsetMs = 120_000;
const askMs = 8000;
/** A question that every server of ours answers, with no key and nothing of this device's in it. */
const probePath = '/openapi.json';

export interface LinkFacts {
  config: Config;
  proxy: HttpProxy | undefined;
  link: Link;
  /** As the machine that this is, where it ever was started: so the server says of a copy that it is parked. */
  asMachine: Link | undefined;
  /** Where what is asked is written down. */
  journal: Pick<Journal, 'count'> | undefined;
}

/** The way to the server, station by station. */
export function linkSteps({ config, proxy, link, asMachine, journal }: LinkFacts): Step[] {
  const way = wayTo(config.server, proxy);
  const first = proxy ? endOf(proxy) : way;
  const through = proxy ? ['TCP', 'proxy'] : ['TCP'];
  let offsetMs = 0;
  let answer: Promise<unknown> | undefined;
  /** One exchange without a key tells of all stations behind TCP. */
  const exchange = () => {
    answer ??= ask(config, proxy).then(
      () => journal?.count(`GET ${probePath}`, 1),
      (error: unknown) => error,
    );
    return answer;
  };
  const station = (phase: Phase, seen: string) => async () => after(phase, await exchange(), addressOf(way), seen);
  return [
    { name: 'DNS', look: () => lookUp(first.host) },
    { name: 'TCP', needs: ['DNS'], look: (signal) => connect(first, signal) },
    proxy
      ? { name: 'proxy', needs: ['TCP'], look: station('proxy', `${proxy.origin} lets through to ${addressOf(way)}`) }
      : { name: 'proxy', look: async () => skipped('none is used') },
    { name: 'TLS', needs: through, look: station('TLS', 'TLS 1.2 or 1.3, a certificate of this name and date') },
    { name: 'pin', needs: ['TLS'], look: station('pin', 'the server proved a key that is pinned here') },
    { name: 'HTTP', needs: ['pin'], look: station('HTTP', 'the server speaks') },
    {
      name: 'key',
      needs: ['HTTP'],
      look: (signal) =>
        askWithKey({ link, asMachine }, signal, (ms) => {
          offsetMs = ms;
        }),
    },
    { name: 'clock', needs: ['key'], look: async () => clock(offsetMs) },
  ];
}

async function lookUp(host: string): Promise<Finding> {
  if (net.isIP(host)) return ok(`${host} is an address`);
  try {
    const addresses = await lookup(host, { all: true });
    return ok(`${host} is ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    return wrong(`${host} is not resolved (${codeOf(error)})`, "check the name, and this device's name servers");
  }
}

async function connect(to: Pick<Way, 'host' | 'port'>, signal: AbortSignal): Promise<Finding> {
  const socket = net.connect({ ...to, autoSelectFamily: true });
  const at = addressOf({ ...to, proxy: undefined });
  try {
    await once(socket, 'connect', { signal });
    return ok(`${at} takes connections`);
  } catch (error) {
    return wrong(`${at} takes no connection (${codeOf(error)})`, 'check address and port, and any firewall between');
  } finally {
    socket.destroy();
  }
}

async function ask({ server, ca, pins }: Config, proxy: HttpProxy | undefined): Promise<void> {
  await using connection = new Connection(server, { ca, pins: new Set(pins) }, { proxy });
  const asked = { method: 'GET', path: apiPrefix + probePath, deadlineMs: askMs } as const;
  const { status, header } = await connection.exchange(asked, new AbortController().signal);
  const isOurs = status === 200 || header('content-type')?.startsWith('application/problem+json');
  if (!isOurs) throw new Error(`it answers with HTTP ${status}, which a Vedette server does not`);
}

/** What the end of an exchange says of one of its stations. Of one behind that where it stalled, nothing. */
function after(phase: Phase, error: unknown, address: string, seen: string): Finding {
  if (error === undefined || isBefore(phase, phaseOf(error))) return ok(seen);
  const clock = isOfDates(error) ? `this device's clock says ${new Date().toISOString()}; ` : '';
  return wrong(explain(error, address), `${clock}do what this says; results are kept here until the server is reached`);
}

const order: readonly Phase[] = ['DNS', 'TCP', 'proxy', 'TLS', 'pin', 'HTTP'];

function isBefore(phase: Phase, stalled: Phase): boolean {
  return order.indexOf(phase) < order.indexOf(stalled);
}

/** Asks as the sentinel does; `onOffset` is told the server's clock minus this device's, ms. */
async function askWithKey(
  { link, asMachine }: Pick<LinkFacts, 'link' | 'asMachine'>,
  signal: AbortSignal,
  onOffset: (ms: number) => void,
): Promise<Finding> {
  const standing = await asMachine?.assignments(undefined, 0, signal);
  if (standing?.kind === 'unwelcome') return wrong(standing.why, 'do what this says');
  const [at, began] = [Date.now(), performance.now()];
  const reply = await link.assignments(undefined, 0, signal);
  if (reply.kind !== 'done') {
    const why = 'why' in reply ? reply.why : 'the server answered nothing of use';
    return wrong(why, 'do what this says, or ask whoever administers this sentinel at the server');
  }
  const { assignments, serverTime } = reply.value.assignments;
  onOffset(Math.round(serverTime - at - (performance.now() - began) / 2));
  const monitors = assignments.length === 1 ? '1 monitor' : `${assignments.length} monitors`;
  return ok(`the server knows this sentinel, and has ${monitors} for it`);
}

function clock(offsetMs: number): Finding {
  const where = offsetMs > 0 ? 'behind' : 'ahead of';
  const seen = `this device's clock is ${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${where} the server's`;
  if (Math.abs(offsetMs) <= mostOffsetMs) return ok(seen);
  return wrong(seen, 'set the clock, or let it be set over the network; times of runs are corrected meanwhile');
}

function endOf({ origin }: HttpProxy): Pick<Way, 'host' | 'port'> {
  const { hostname, port } = new URL(origin);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.name : String(error);
}
