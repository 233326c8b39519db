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
}

function codeOf(code: ErrorCode, { hosts = ['shop.example'], reached = [], ownCpu, ...host }: Wishes, message = 'no') {
  const at: Circumstances = { host: { ...calm, network: up, ...host }, hosts, reached: new Set(reached), ownCpu };
  return attributed({ code, message }, at);
}

const noInterface = { network: { interface: false } };
const noName = { network: { interface: true, resolver: false } };
const nothing = { network: { interface: true, resolver: false, server: false } };
const onlyServer = { network: { interface: true, resolver: false, server: true } };
const onlyNames = { network: { interface: true, resolver: true, server: false } };
const held = { stallUs: 2_500_000 };
const full = { cpu: 0.99, ownCpu: 0.1, stallUs: 600_000 };
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
  ['TIMEOUT', { stallUs: 1_900_000 }, 'TIMEOUT', 'a stall that leaves most of the wait'],
  ['ASSERTION', { ...full, ...held }, 'ASSERTION', 'what was seen was seen'],
  ['HTTP_4XX', { ...full, ...held }, 'HTTP_4XX', 'what was answered was answered'],
  ['CONNECT', { ...full, ...held }, 'CONNECT', 'a refusal comes however slow the device'],
  ['TIMEOUT', full, 'SENTINEL_OVERLOAD', 'others used all processors'],
  ['TIMEOUT', { ...full, cpu: 0.97 }, 'TIMEOUT', 'something was left'],
  ['TIMEOUT', { ...full, stallUs: 400_000 }, 'TIMEOUT', 'all in use, and still everybody had a turn'],
  ['TIMEOUT', { ...full, ownCpu: 0.6 }, 'TIMEOUT', 'the page itself took the processors'],
  ['TIMEOUT', { cpu: 1, stallUs: 600_000 }, 'TIMEOUT', 'whose doing it was is not known'],
  ['TIMEOUT', dead, 'SENTINEL_BROWSER', 'the browser ended'],
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

test('the host that a message names decides, before those that the run may reach', () => {
  const hosts = ['127.0.0.1:8000', 'shop.example'];
  assert.equal(codeOf('CONNECT', { ...nothing, hosts }, 'refused at http://127.0.0.1:8000/').code, 'CONNECT');
  assert.equal(codeOf('CONNECT', { ...nothing, hosts }, 'refused at https://shop.example/').code, 'SENTINEL_NETWORK');
  assert.equal(codeOf('CONNECT', { ...nothing, hosts }, 'refused at http://[::1]:8000/').code, 'CONNECT');
});

test('the message begins with what was found, and keeps what the script met and where', () => {
  const location = { file: 'shop.spec.ts', line: 3, column: 5 };
  const host = { ...calm, ...nothing };
  const at = { host, hosts: ['shop.example'], reached: new Set<string>(), ownCpu: undefined };
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
