import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { consoleApi, consoleApiPrefix, sentinelApi } from './app.ts';
import { pinnedAgent, send } from './build-client.ts';
import { buildWorld, type World } from './build-world.ts';
import type { ApiRouter } from './http/router.ts';

/** Every address of these routes, with made-up ids. */
function addresses(prefix: string, routers: readonly ApiRouter[]): { method: string; path: string }[] {
  const routes = routers.flatMap(({ declared }) => declared);
  return routes.map(({ method, path }) => ({
    method: method.toUpperCase(),
    path: prefix + path.replaceAll(/:\w+/g, '01890000-0000-7000-8000-000000000000'),
  }));
}

/** Asks every address there is at `url`, and says which exist. */
async function existing(world: World, url: string, host?: string): Promise<string[]> {
  const { caPem: ca, pins } = world.context.authority;
  const agent = pinnedAgent({ ca, pins: new Set(pins) });
  const all = [
    ...addresses(consoleApiPrefix, consoleApi(world.context)),
    ...addresses(apiPrefix, sentinelApi(world.context)),
    ...[`${consoleApiPrefix}/openapi.json`, `${apiPrefix}/openapi.json`].map((path) => ({ method: 'GET', path })),
    ...['/install/SHA256SUMS', '/'].map((path) => ({ method: 'GET', path })),
  ];
  const found: string[] = [];
  for (const { method, path } of all) {
    const answer = await send(url, { agent, method, path, headers: host ? { host } : {} });
    const code = answer.status === 404 ? (JSON.parse(answer.body.toString()) as { code: string }).code : '';
    if (code !== 'NOT_FOUND') found.push(path);
  }
  agent.destroy();
  return found;
}

const ofSentinels = (path: string) => path.startsWith(apiPrefix) || path.startsWith('/install');

test('with a port of its own, the console answers nothing of sentinels, and the other port nothing of the console', async () => {
  await using world = await buildWorld({ settings: { consolePort: 0 } });
  const { url, consoleUrl } = world.server;
  assert.notEqual(url, consoleUrl);
  const [forSentinels, forConsole] = [await existing(world, url), await existing(world, consoleUrl)];
  assert.deepEqual(
    forSentinels.filter((path) => !ofSentinels(path)),
    [],
  );
  assert.ok(forSentinels.length >= 7, forSentinels.join());
  assert.deepEqual(
    forConsole.filter((path) => path.startsWith(apiPrefix)),
    [],
  );
  assert.ok(forConsole.length >= 15, forConsole.join());
});

test('with names of its own, the console is there under these alone, and sentinels are sent to the other name', async () => {
  const settings = { consoleHostNames: ['console.example'], hostNames: ['vedette.example'] };
  await using world = await buildWorld({ settings });
  const { url, port } = world.server;
  const forConsole = await existing(world, url, `Console.Example:${port}`);
  const forSentinels = await existing(world, url, 'vedette.example');
  assert.deepEqual(
    forSentinels.filter((path) => !ofSentinels(path)),
    [],
  );
  assert.ok(forSentinels.length >= 7 && forConsole.length >= 15);
  assert.deepEqual(
    forConsole.filter((path) => path.startsWith(apiPrefix)),
    [],
  );
  assert.equal(world.context.sentinelUrl, `https://vedette.example:${port}`);
  assert.equal(world.context.consoleUrl, `https://console.example:${port}`);
});
