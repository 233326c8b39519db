import type { ErrorCode } from '../protocol/error-codes.ts';
import type { HostFacts } from '../protocol/messages.ts';
import { hostsIn, isLocalName, nameOf } from './gate/hosts.ts';
import type { NetworkFacts } from './gate/network.ts';
import type { Stretch } from './hold-ups.ts';
import type { ChildError } from './messages.ts';

/** What else was going on when something went wrong. */
export interface Circumstances {
  host: HostFacts;
  /** What the run may reach: `host` or `host:port`. */
  hosts: readonly string[];
  /** `host:port` of what it did reach. */
  reached: ReadonlySet<string>;
  /** Share of all processors that the run itself used, 0 to 1; undefined if it was not measured. */
  ownCpu: number | undefined;
  /** When processes of its pages died, µs. */
  crashes: readonly number[];
  /** From its beginning to its end. */
  run: Stretch;
  /** How long the sentinel was held up within a stretch, µs. */
  heldUpUs(stretch: Stretch): number;
}

/** A wait of which so much was lost to the device says nothing of the page; whatever was lost elsewhere in the run does not matter. */
const lostShare = 0.5;
/**
 * A device in full use still serves everybody in turn, and a page that then has no answer in time has none anyway. Only when
 * the sentinel's own work, which needs next to nothing, has to wait so long for its turn, a wait says nothing of the page.
 */
const saturated = { cpu: 0.98, lostUs: 500_000 };

type Rule = (error: ChildError, at: Circumstances) => { code: ErrorCode; why: string } | undefined;

/**
 * Lays a failure at the door of the sentinel if it was in trouble itself and the failure is one that such trouble makes, and
 * at that of a page that died what the script could only see break off.
 * In doubt the application has failed: a page that is down must not be hidden by a device that is slow.
 */
export function attributed(error: ChildError, at: Circumstances): ChildError {
  for (const rule of [browserGone, pageGone, networkDown, heldUp, saturatedByOthers]) {
    const found = rule(error, at);
    if (found) return { ...error, code: found.code, message: `${found.why}\n${error.message}` };
  }
  return error;
}

/** The host whose network is to be looked at after a failure; none if all that the run may reach is on this device. */
export function outsideHost(hosts: readonly string[]): string | undefined {
  return hosts.map(nameOf).find((name) => !isLocalName(name));
}

const ofDeadBrowser: ReadonlySet<ErrorCode> = new Set([
  'TIMEOUT',
  'ELEMENT_NOT_FOUND',
  'NAVIGATION',
  'PAGE_CRASH',
  'SCRIPT_ERROR',
]);

const browserGone: Rule = ({ code }, { host }) => {
  if (host.browserAlive !== false || !ofDeadBrowser.has(code)) return undefined;
  return { code: 'SENTINEL_BROWSER', why: 'The browser had ended, or answered no more.' };
};

/** The browser tells of what a dying page was loading before it tells that the page is dead; so much before at most (µs). */
const toldEarlierUs = 5_000_000;

const pageGone: Rule = ({ code, message, wait }, { crashes, run }) => {
  if (code !== 'NAVIGATION' || !message.includes('net::ERR_ABORTED')) return undefined;
  const { fromUs, toUs } = wait ?? run;
  if (!crashes.some((at) => at >= fromUs && at <= toUs + toldEarlierUs)) return undefined;
  return { code: 'PAGE_CRASH', why: 'The page crashed while it was being opened.' };
};

const ofDeadNetwork: ReadonlySet<ErrorCode> = new Set(['DNS', 'CONNECT', 'NAVIGATION', 'TIMEOUT']);

const networkDown: Rule = ({ code, message }, { host, hosts, reached }) => {
  if (!ofDeadNetwork.has(code) || !host.network) return undefined;
  const named = hostsIn(message);
  const isOutside = outsideHost(named.length > 0 ? named : hosts) !== undefined;
  const hasReached = outsideHost([...reached]) !== undefined;
  const why = isOutside && !hasReached ? whatIsDown(host.network, code) : undefined;
  return why === undefined ? undefined : { code: 'SENTINEL_NETWORK', why };
};

/** A name needs the resolver; for an address its silence is not enough, the sentinel's server must be out of reach too. */
function whatIsDown({ interface: up, resolver, server }: NetworkFacts, code: ErrorCode): string | undefined {
  if (!up) return "This device's network was down: no network interface has an address.";
  if (resolver !== false || server === true) return undefined;
  if (server === false)
    return "This device's network was down: neither a name server nor the sentinel's own server answers.";
  return code === 'DNS' ? "This device's network was down: no name server answers, or none for any name." : undefined;
}

const ofLostTime: ReadonlySet<ErrorCode> = new Set(['TIMEOUT', 'ELEMENT_NOT_FOUND']);

const heldUp: Rule = ({ code, wait }, { run, heldUpUs }) => {
  if (!ofLostTime.has(code)) return undefined;
  const stretch = wait ?? run;
  const [lostUs, waitedUs] = [heldUpUs(stretch), stretch.toUs - stretch.fromUs];
  if (lostUs === 0 || lostUs < waitedUs * lostShare) return undefined;
  const why = `This device was overloaded: the sentinel was held up for ${seconds(lostUs)} of the ${seconds(waitedUs)} s that were waited.`;
  return { code: 'SENTINEL_OVERLOAD', why };
};

const saturatedByOthers: Rule = ({ code, wait }, { host: { cpu }, ownCpu, run, heldUpUs }) => {
  // A page that takes all processors for itself is the application's own doing.
  const isSaturated = cpu >= saturated.cpu && heldUpUs(wait ?? run) >= saturated.lostUs;
  if (!ofLostTime.has(code) || !isSaturated || ownCpu === undefined || ownCpu > cpu / 2) return undefined;
  const why = `This device was overloaded: ${percent(cpu)} of its processors were in use, ${percent(ownCpu)} of them by this run.`;
  return { code: 'SENTINEL_OVERLOAD', why };
};

function seconds(us: number): string {
  return (us / 1e6).toFixed(1);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
