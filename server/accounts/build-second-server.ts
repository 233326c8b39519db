import { pinnedAgent } from '../build-client.ts';
import { type Ask, askWith, type World } from '../build-world.ts';
import { serverConfig } from '../config.ts';
import { startServer } from '../main.ts';

/** For tests: another server on the same folder and databases, as a second process is one, with the first one's clock. */
export async function buildSecondServer({ context }: World): Promise<{ ask: Ask } & AsyncDisposable> {
  const { dataFolder, home } = context;
  const databaseUrl = home === dataFolder ? undefined : home;
  const settings = serverConfig({ dataFolder, databaseUrl, port: 0, logLevel: 'silent', secondFactor: 'optional' }, {});
  const server = await startServer({ ...settings, bcryptCost: 4, now: context.now });
  const agent = pinnedAgent({ ca: context.authority.caPem, pins: new Set(context.authority.pins) });
  return {
    ask: askWith(agent, server.url, {}),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await server.close();
    },
  };
}
