import type { ErrorCode } from '../../protocol/error-codes.ts';
import type { ChildError } from '../messages.ts';
import { TimeOver } from './clock.ts';
import { asLocator, mainDocument } from './main-document.ts';
import { pendingCall, pendingCalls, waitOf, wasThrownByPlaywright } from './playwright.ts';
import { placeOf } from './source.ts';
import { isMissing } from './wakeful-waits.ts';

/** Network errors of Chromium (`net/base/net_error_list.h`) by what they mean here; the rest is NAVIGATION. */
const networkErrors: [RegExp, ErrorCode][] = [
  [/net::ERR_PROXY_CONNECTION_FAILED/, 'SENTINEL_BROWSER'], // its proxy is the sentinel, and whoever is reached, it is
  [/net::ERR_(NAME_NOT_RESOLVED|NAME_RESOLUTION_FAILED|DNS_)/, 'DNS'],
  [/net::ERR_(CONNECTION_|ADDRESS_|INTERNET_DISCONNECTED|PROXY_|SOCKS_|TUNNEL_|EMPTY_RESPONSE)/, 'CONNECT'],
  [/net::ERR_(CERT_|SSL_|BAD_SSL|TLS)/, 'TLS'],
  [/net::ERR_(TIMED_OUT|CONNECTION_TIMED_OUT)/, 'TIMEOUT'],
  [/net::ERR_/, 'NAVIGATION'],
];

const unreached: ReadonlySet<ErrorCode> = new Set(['NAVIGATION', 'CONNECT', 'DNS', 'TLS']);

/** How the message of a call of `request` begins, after which comes what ended it. */
const ofRequest = /^(?:apiRequestContext\.\w+|route\.fetch): (?:Failed after \d+ attempt\(s\): \w*Error: )?/;

/** In the words of Playwright and Node, of the gate, which carries the call, or of TLS, which is spoken in the child. */
const requestErrors: [RegExp, ErrorCode][] = [
  [/^Timeout /, 'TIMEOUT'],
  [/^4\d\d /, 'HTTP_4XX'],
  [/^5\d\d /, 'HTTP_5XX'],
  [/^HOST_DENIED /, 'HOST_DENIED'],
  [/^DNS /, 'DNS'],
  [/^(CONNECT |socket hang up|the connection failed)/, 'CONNECT'],
  [/^(aborted|Max redirect count|uri requested responds|failed to decompress|Parse Error)/, 'NAVIGATION'],
  [/^.*(certificate|SSL|TLS)/, 'TLS'],
];

/** What a page throws that is given no more memory. */
const noMemory = /RangeError: (Array buffer allocation failed|WebAssembly\.\w+\(\): (could not|Out of memory))/;

/** What only the moment of an error tells of it. */
interface FirstLook extends Omit<ChildError, 'message'> {
  /** What the page had to do with it, if anything. */
  page: string;
  /** What was waited for when a time was over. */
  pending: readonly string[];
}

const firstLooks = new WeakMap<object, FirstLook>();

/**
 * What an error that ended a step or test says of the application, the script or us, with the author's line. One that ends
 * a step and then its test is the same in both, whatever the script's own clean-up has done to the page between.
 */
export function classify(thrown: unknown): ChildError {
  const known = typeof thrown === 'object' && thrown !== null ? firstLooks.get(thrown) : undefined;
  const { page, pending, ...look } = known ?? firstLook(thrown);
  if (typeof thrown === 'object' && thrown !== null) firstLooks.set(thrown, { page, pending, ...look });
  return { ...look, message: messageOf(thrown, look.code, page, pending) };
}

function firstLook(thrown: unknown): FirstLook {
  // A time that is over comes from nowhere in the script: the call that used it up is where to look.
  const pending = thrown instanceof TimeOver ? pendingCall() : undefined;
  const location = placeOf(thrown) ?? placeOf(pending?.made);
  const wait = waitOf(thrown) ?? pending?.wait;
  const code = codeOf(thrown);
  return {
    code,
    page: pending?.isRequest ? '' : pageLine(code, textOf(thrown)[0]),
    pending: thrown instanceof TimeOver ? pendingLines() : [],
    ...(location ? { location } : {}),
    ...(wait ? { wait } : {}),
  };
}

function codeOf(thrown: unknown): ErrorCode {
  // A time that is over while nothing is waited for was used up by the script itself.
  if (thrown instanceof TimeOver) return pendingCalls() > 0 ? waitedUp() : 'SCRIPT_LIMIT';
  const message = thrown instanceof Error ? thrown.message : '';
  if (isLimit(thrown)) return 'SCRIPT_LIMIT';
  const isExpect = typeof thrown === 'object' && thrown !== null && 'matcherResult' in thrown;
  if (!isExpect && !wasThrownByPlaywright(thrown)) return 'SCRIPT_ERROR';
  if (ofRequest.test(message)) return firstOf(requestErrors, message.replace(ofRequest, '')) ?? 'SCRIPT_ERROR';
  if (/strict mode violation|denied by the sentinel/.test(message)) return 'SCRIPT_ERROR';
  if (/(page|target) crashed/i.test(message) || noMemory.test(message)) return 'PAGE_CRASH';
  // So says a browser with a page of its own for answers without content.
  if (message.includes('net::ERR_HTTP_RESPONSE_CODE_FAILURE')) return pageFault() ?? 'NAVIGATION';
  const network = firstOf(networkErrors, message);
  if (network) return network;
  if (isExpect && mainDocument().pending === undefined && isTurnedAway() && seesElement(message)) return 'ASSERTION';
  const waitedInVain = isExpect || (thrown instanceof Error && thrown.name === 'TimeoutError');
  return waitedInVain ? (pageFault() ?? waitFault(message, isExpect)) : 'SCRIPT_ERROR';
}

function firstOf(table: readonly [RegExp, ErrorCode][], message: string): ErrorCode | undefined {
  return table.find(([pattern]) => pattern.test(message))?.[1];
}

/** What Node throws when there is no more memory, or a file grows too large. */
function isLimit(thrown: unknown): boolean {
  if (thrown instanceof RangeError) return /allocat/i.test(thrown.message);
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'EFBIG';
}

/** A wait that failed because the page itself was not what the script waited on. */
function pageFault(): ErrorCode | undefined {
  const { status, pending, hasCrashed } = mainDocument();
  if (hasCrashed) return 'PAGE_CRASH';
  if (pending !== undefined) return 'TIMEOUT';
  if (status >= 500) return 'HTTP_5XX';
  return status >= 400 ? 'HTTP_4XX' : undefined;
}

/** No page has to do with a request of the script's own that hangs. */
function waitedUp(): ErrorCode {
  return (pendingCall()?.isRequest ? undefined : pageFault()) ?? overdue();
}

/** An action without a time of its own waits until that of its test is over, however long its element is not there. */
function overdue(): ErrorCode {
  const selector = pendingCall()?.selector;
  return selector !== undefined && isMissing(selector) ? 'ELEMENT_NOT_FOUND' : 'TIMEOUT';
}

/** An application that turns somebody away may well show its login form with that: what is there is then as it should be. */
function isTurnedAway(): boolean {
  return mainDocument().status === 401 || mainDocument().status === 403;
}

function seesElement(expectation: string): boolean {
  return !/element\(s\) not found/.test(expectation);
}

function waitFault(message: string, isExpect: boolean): ErrorCode {
  if (isExpect) return seesElement(message) ? 'ASSERTION' : 'ELEMENT_NOT_FOUND';
  const sawElement = /locator resolved to|element is (not )?(visible|enabled|stable)/.test(message);
  return /waiting for (locator|getBy|selector)/i.test(message) && !sawElement ? 'ELEMENT_NOT_FOUND' : 'TIMEOUT';
}

/** An error's own text, without terminal colours, and the library's log of the call that comes after it. */
function textOf(thrown: unknown): [said: string, log: string] {
  const text = thrown instanceof Error ? thrown.message || thrown.name : `The script threw ${inWords(thrown)}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what begins a colour
  const plain = text.replace(/\u001b\[[0-9;]*m/g, '');
  const [said = '', log = ''] = plain.split(/\n\s*Call log:/);
  return [said, log];
}

/**
 * The lines that tell a person what was expected: first what the page itself did when that was the cause; of the library's
 * call log only what was waited for, and why it would not do.
 */
function messageOf(thrown: unknown, code: ErrorCode, page: string, pending: readonly string[]): string {
  const [said, log] = textOf(thrown);
  const waitedFor = /waiting for ((?:getBy|locator|frameLocator)\w*\(.*)/.exec(log)?.[1]?.trim();
  const notReady = /element is not (visible|enabled|stable)/.exec(log)?.[1];
  const lines = [
    page,
    said.trim(),
    ...pending,
    waitedFor && !said.includes(waitedFor) ? `Locator: ${waitedFor}` : '',
    code === 'TIMEOUT' && notReady ? `The element was there, but not ${notReady}.` : '',
  ];
  return (
    lines
      .filter((line) => line !== '')
      .join('\n')
      .slice(0, 20_000) || 'no message'
  );
}

function pageLine(code: ErrorCode, said: string): string {
  if (ofRequest.test(said)) return ''; // no page has to do with it
  const { status, url, pending, redirectedTo } = mainDocument();
  if (code === 'SENTINEL_BROWSER')
    return 'The browser could not reach its sentinel, through which it reaches everything.';
  if (code === 'PAGE_CRASH' && noMemory.test(said)) return `The page ${url} used all memory that it may.`;
  if (code === 'PAGE_CRASH' && !/crashed/i.test(said)) return `The page ${url} crashed.`;
  if (code === 'HTTP_5XX' || code === 'HTTP_4XX') return `${url} answered with HTTP ${status}.`;
  // Playwright names the address that was asked for, and somebody else has not answered.
  if (unreached.has(code) && redirectedTo !== undefined) return `The page was redirected to ${redirectedTo}.`;
  return code === 'TIMEOUT' && pending !== undefined ? `${pending} had not answered.` : '';
}

function pendingLines(): string[] {
  const { name, selector } = pendingCall() ?? {};
  const locator = selector === undefined ? undefined : asLocator(selector);
  return [name ? `${name} had not ended.` : '', locator ? `Locator: ${locator}` : ''];
}

function inWords(thrown: unknown): string {
  try {
    return typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? String(thrown));
  } catch {
    return 'something that cannot be shown';
  }
}
