import type { Command } from 'commander';
import { Settings } from '../config.ts';
import { startServer } from '../main.ts';
import { type Common, command, configOf, print, withContext } from './command.ts';

interface RunOptions extends Common {
  host?: string;
  port?: string;
  hostName?: string[];
  install?: string;
  databaseConnections?: string;
}

/** `run` and `pin`. */
export function addRun(program: Command): void {
  command(program, 'run', 'start the server; it runs until it is stopped with Ctrl-C or SIGTERM')
    .option('--host <address>', Settings.shape.host.description)
    .option('--port <number>', Settings.shape.port.description)
    .option('--host-name <name...>', Settings.shape.hostNames.description)
    .option('--install <folder>', Settings.shape.installFolder.description)
    .option('--database-connections <number>', Settings.shape.databaseConnections.description)
    .action(async (options: RunOptions) => {
      const { host, port, hostName: hostNames, install: installFolder, databaseConnections } = options;
      const toStop = stopSignal(); // before anybody can know that we run, so that nobody can stop us uncleanly
      const server = await startServer(
        configOf(options, { host, port, hostNames, installFolder, databaseConnections }),
      );
      const { pins } = server.context.authority;
      const text = `Vedette listens on ${server.url}\nPin: ${pins[0]}\nStop with Ctrl-C.`;
      print(options, { url: server.url, port: server.port, pins }, text);
      await toStop;
      await server.close();
    });

  command(program, 'pin', "print what sentinels pin: the authority's key, then its backup").action((options: Common) =>
    withContext(options, async (server) => {
      const { pins } = server.authority;
      print(options, { pins }, pins.join('\n'));
    }),
  );
}

/** A second signal changes nothing: a terminal sends Ctrl-C to the whole group, and who started us may pass it on. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve());
  });
}
