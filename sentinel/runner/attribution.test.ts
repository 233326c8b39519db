import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, errorCodes } from '../protocol/error-codes.ts';
import type { HostFacts } from '../protocol/messages.ts';
import { attributed, type Circumstances, outsideHost } from './attribution.ts';

const calm: HostFacts = { cpu: 0.3, stallUs: 30_000, freeMemoryBytes: 1e9, browserAlive: true };
const up = { interface: true, resolver: true, server: true };

interface Wishes extends Partial<HostFacts> {
  hosts?: string[];
  reached?: string[];
  ownCpu?: number;
  /** When pages died, s from the run's beginning. */
  crashes?: number[];
  /** How long the wait that failed lasted, and what of it and of the rest of the run (60 s) was lost to hold-ups; s. */
  waited?: number;
  lost?: number;
  lostElsewhere?: number;
}

function codeOf(code: ErrorCode, wishes: Wishes, message = 'no') {
  const { hosts = ['shop.example'], reached = [], ownCpu, crashes = [], ...more } = wishes;
  const { waited, lost = 0, lostElsewhere = 0, ...host } = more;
  const run = { fromUs: 0, toUs: 60e6 };
  const wait = waited === undefined ? {} : { wait: { fromUs: 30e6, toUs: 30e6 + waited * 1e6 } };
  const heldUpUs = ({ fromUs }: { fromUs: number }) => (fromUs === 0 ? lost + lostElsewhere : lost) * 1e6;
  const told = { hosts, reached: new Set(reached), ownCpu, crashes: crashes.map((s) => s * 1e6), run, heldUpUs };
  const at = { host: { ...calm, network: up, ...host }, ...told };
  return attributed({ code, message, ...wait }, at);
}

const noInterface = { network: { interface: false } };
const noName = { network: { interface: true, resolver: false } };
const nothing = { network: { interface: true, resolver: false, server: false } };
const onlyServer = { network: { interface: true, resolver: false, server: true } };
const onlyNames = { network: { interface: true, resolver: true, server: false } };
const held = { waited: 5, lost: 2.6 };
const full = { cpu: 0.99, ownCpu: 0.1, waited: 5, lost: 0.6 };
const dead = { browserAlive: false };

const table: [ErrorCode, Wishes, ErrorCode, string][] = [
  ['DNS', noInterface, 'SENTINEL_NETWORK', 'a device without a network'],
  ['CONNECT', noInterface, 'SENTINEL_NETWORK', 'a device without a network'],
  ['NAVIGATION', noInterface, 'SENTINEL_NETWORK', 'a network that went while the page loaded'],
  ['TIMEOUT', noInterface, 'SENTINEL_NETWORK', 'packets that go nowhere'],
  ['DNS', noName, 'SENTINEL_NETWORK', 'a name that nobody can resolve'],
  ['CONNECT', noName, 'CONNECT', 'an address that is known, and nothing known of the server'],
  ['CONNECT', nothing, 'SENTINEL_NETWORK', 'neither resolver nor server'],
  ['TIMEOUT', nothing, 'SENTINEL_NETWORK', 'neither resolver nor server'],
  ['DNS', onlyServer, 'DNS', 'the server answers: there is a network'],
  ['DNS', onlyNames, 'DNS', 'the resolver answers: the name does not exist'],
  ['CONNECT', onlyNames, 'CONNECT', "the sentinel's server may be down by itself"],
  ['CONNECT', {}, 'CONNECT', 'a network that is well'],
  ['CONNECT', { ...nothing, hosts: ['127.0.0.1:8000'] }, 'CONNECT', 'an application on this device needs no network'],
  ['CONNECT', { ...nothing, hosts: ['localhost', '[::1]:80'] }, 'CONNECT', 'an application on this device'],
  ['TIMEOUT', { ...nothing, reached: ['shop.example:443'] }, 'TIMEOUT', 'the application was reached in this run'],
  ['TIMEOUT', { ...nothing, reached: ['127.0.0.1:80'] }, 'SENTINEL_NETWORK', 'only this device was reached'],
  ['TLS', nothing, 'TLS', 'somebody answered with a certificate'],
  ['HTTP_5XX', nothing, 'HTTP_5XX', 'somebody answered'],
  ['ASSERTION', nothing, 'ASSERTION', 'the page was there'],
  ['TIMEOUT', held, 'SENTINEL_OVERLOAD', 'the sentinel was held up'],
  ['ELEMENT_NOT_FOUND', held, 'SENTINEL_OVERLOAD', 'the sentinel was held up while it waited'],
  ['TIMEOUT', { waited: 5, lost: 2.4 }, 'TIMEOUT', 'hold-ups that leave most of the wait'],
  ['TIMEOUT', { waited: 30, lost: 2.6 }, 'TIMEOUT', 'one long hold-up in a long wait'],
  ['TIMEOUT', { waited: 1, lost: 0.6 }, 'SENTINEL_OVERLOAD', 'short hold-ups that took most of a short wait'],
  ['TIMEOUT', { waited: 5, lostElsewhere: 50 }, 'TIMEOUT', 'the device was well while it was waited'],
  ['TIMEOUT', { lost: 29 }, 'TIMEOUT', 'of a wait nobody knows how long the whole run counts'],
  ['TIMEOUT', { lost: 31 }, 'SENTINEL_OVERLOAD', 'most of the run was lost'],
  ['TIMEOUT', { waited: 0 }, 'TIMEOUT', 'nothing was lost'],
  ['ASSERTION', { ...full, ...held }, 'ASSERTION', 'what was seen was seen'],
  ['HTTP_4XX', { ...full, ...held }, 'HTTP_4XX', 'what was answered was answered'],
  ['CONNECT', { ...full, ...held }, 'CONNECT', 'a refusal comes however slow the device'],
  ['TIMEOUT', full, 'SENTINEL_OVERLOAD', 'others used all processors'],
  ['ELEMENT_NOT_FOUND', full, 'SENTINEL_OVERLOAD', 'what the page had to do before it shows it had no turn'],
  ['TIMEOUT', { ...full, cpu: 0.97 }, 'TIMEOUT', 'something was left'],
  ['TIMEOUT', { ...full, lost: 0.4 }, 'TIMEOUT', 'all in use, and still everybody had a turn'],
  ['TIMEOUT', { ...full, ownCpu: 0.6 }, 'TIMEOUT', 'the page itself took the processors'],
  ['TIMEOUT', { cpu: 1, waited: 5, lost: 0.6 }, 'TIMEOUT', 'whose doing it was is not known'],
  ['TIMEOUT', dead, 'SENTINEL_BROWSER', 'the browser ended'],
  ['ELEMENT_NOT_FOUND', dead, 'SENTINEL_BROWSER', 'the browser froze after it was last looked for'],
  ['SCRIPT_ERROR', dead, 'SENTINEL_BROWSER', "Playwright's words for a browser that has gone"],
  ['HTTP_5XX', { ...dead, ...nothing }, 'HTTP_5XX', 'the answer had come before'],
  ['TIMEOUT', { ...dead, ...nothing, ...held }, 'SENTINEL_BROWSER', 'without a browser nothing else matters'],
];

for (const [code, wishes, expected, why] of table) {
  test(`${code} ${code === expected ? 'stays' : `becomes ${expected}`} with ${JSON.stringify(wishes)}: ${why}`, () => {
    assert.equal(codeOf(code, wishes).code, expected);
  });
}

test('on a device that is well every code stays as it is, and so does its message', () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[])
    assert.deepEqual(codeOf(code, {}), { code, message: 'no' });
});

test('in no trouble of the device is the blame for what the application did answer taken from it', () => {
  const answered: ErrorCode[] = ['HTTP_4XX', 'HTTP_5XX', 'ASSERTION', 'TLS'];
  for (const code of answered) assert.equal(codeOf(code, { ...nothing, ...full, ...held, ...dead }).code, code);
});

test('what broke off while a page died broke off by that', () => {
  const aborted = 'page.goto: net::ERR_ABORTED at http://shop.example/';
  assert.equal(codeOf('NAVIGATION', { crashes: [30.4], waited: 0.5 }, aborted).code, 'PAGE_CRASH');
  assert.equal(codeOf('NAVIGATION', { crashes: [31], waited: 0.5 }, aborted).code, 'PAGE_CRASH', 'told a little later');
  assert.equal(
    codeOf('NAVIGATION', { crashes: [29, 40], waited: 0.5 }, aborted).code,
    'NAVIGATION',
    'others, at other times',
  );
  assert.equal(codeOf('NAVIGATION', { crashes: [3] }, aborted).code, 'PAGE_CRASH', 'nobody knows when it was waited');
  assert.equal(codeOf('NAVIGATION', {}, aborted).code, 'NAVIGATION');
  assert.equal(
    codeOf('NAVIGATION', { crashes: [30.2], waited: 0.5 }, 'net::ERR_TOO_MANY_REDIRECTS').code,
    'NAVIGATION',
  );
  assert.equal(codeOf('NAVIGATION', { crashes: [30.2], waited: 0.5, ...dead }, aborted).code, 'SENTINEL_BROWSER');
});

test('the host that a message names decides, before those that the run may reach', () => {
  const hosts = ['127.0.0.1:8000', 'shop.example'];
  assert.equal(codeOf('CONNECT', { ...nothing, hosts }, 'refused at http://127.0.0.1:8000/').code, 'CONNECT');
  assert.equal(codeOf('CONNECT', { ...nothing, hosts }, 'refused at https://shop.example/').code, 'SENTINEL_NETWORK');
  assert.equal(codeOf('CONNECT', { ...nothing, hosts }, 'refused at http://[::1]:8000/').code, 'CONNECT');
});

test('the message begins with what was found, and keeps what the script met and where', () => {
  const location = { file: 'shop.spec.ts', line: 3, column: 5 };
  const host = { ...calm, ...nothing };
  const around = { hosts: ['shop.example'], reached: new Set<string>(), ownCpu: undefined, crashes: [] };
  const at: Circumstances = { host, ...around, run: { fromUs: 0, toUs: 1 }, heldUpUs: () => 0 };
  assert.deepEqual(attributed({ code: 'CONNECT', message: 'page.goto: refused', location }, at), {
    code: 'SENTINEL_NETWORK',
    message:
      "This device's network was down: neither a name server nor the sentinel's own server answers.\npage.goto: refused",
    location,
  });
});

test('a network is looked at only for a host outside this device', () => {
  assert.equal(outsideHost(['127.0.0.1:80', 'localhost', '[::1]:90']), undefined);
  assert.equal(outsideHost(['127.0.0.1', 'shop.example:8443']), 'shop.example');
  assert.equal(outsideHost(['[2001:db8::1]:443']), '2001:db8::1');
});
