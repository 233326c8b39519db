import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { Told } from './alone.ts';

/*
 * A sentinel turns to its server and to the hosts of its monitors and nowhere else, its browser included; and its server
 * turns to nobody. Seen in a network of their own, in which packets that leave are counted, names are asked of a name
 * server that writes them down, and each connection of each process is traced.
 */

/** Chromium has much to tell its makers, the headless shell has not; short runs are few, long ones go on for minutes. */
const cases = process.env.VEDETTE_LONG ? { chromium: 40, 'headless-shell': 40 } : { chromium: 1 };

for (const [browser, runs] of Object.entries(cases)) {
  test(`a sentinel with ${browser} reaches its server and the monitored host, nothing else, and its server nobody`, async () => {
    const told = await observe(browser, runs);
    assert.ok(told.isCounting, 'a packet that leaves is counted');
    assert.equal(told.packetsOut, 0);
    assert.deepEqual([...new Set(told.questions)], ['shop.vedette.test']);
    const server = `127.0.0.1:${told.serverPort}`;
    const tcp = told.sentinel.filter(({ protocol }) => protocol.startsWith('TCP')).map(({ to }) => to);
    assert.ok(tcp.includes(server) && tcp.includes(told.shop), `${tcp}`);
    const others = tcp.filter((to) => to !== server && to !== told.shop);
    assert.deepEqual(others, [`127.0.0.1:${gateOf(told)}`], 'the one other is the way from the browser to the gate');
    assert.deepEqual(told.server, []);
  });
}

/** In that network listen the server, the shop and the gate. */
function gateOf({ listening, shop, serverPort }: Told): number | undefined {
  return listening.find((port) => port !== serverPort && !shop.endsWith(`:${port}`));
}

async function observe(browser: string, runs: number): Promise<Told> {
  const own = process.getuid?.() === 0 ? ['-n', '-m'] : ['-U', '-r', '-n', '-m'];
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'alone.ts')];
  const { stdout } = await promisify(execFile)('unshare', [...own, ...program, browser, String(runs)]);
  return JSON.parse(stdout);
}
