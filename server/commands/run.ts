import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { ConnectionLost, NoAnswer } from '../../db/database-unusable.ts';
import { helpOf, type ServerConfig } from '../config.ts';
import { type RunningServer, startServer } from '../main.ts';
import { type Common, command, configOf, print, withContext } from './command.ts';

interface RunOptions extends Common {
  host?: string;
  port?: string;
  hostName?: string[];
  install?: string;
  databaseConnections?: string;
  evidenceGib?: string;
  auditHeads?: string;
  archive?: string;
  browser?: string;
  consolePort?: string;
  consoleHost?: string;
  consoleHostName?: string[];
  securityContact?: string;
  securityKey?: string;
  secondFactor?: string;
}

/** How long between two attempts to reach the database server (ms), and of how many one is told of. */
const [waitMs, tellEvery] = [1000, 60];

/** `run` and `pin`. */
export function addRun(program: Command): void {
  command(program, 'run', 'start the server; it runs until it is stopped with Ctrl-C or SIGTERM')
    .option('--host <address>', helpOf('host'))
    .option('--port <number>', helpOf('port'))
    .option('--host-name <name...>', helpOf('hostNames'))
    .option('--install <folder>', helpOf('installFolder'))
    .option('--database-connections <number>', helpOf('databaseConnections'))
    .option('--evidence-gib <number>', helpOf('evidenceGib'))
    .option('--audit-heads <folder>', helpOf('auditHeads'))
    .option('--archive <folder>', helpOf('archiveFolder'))
    .option('--browser <program>', helpOf('browser'))
    .option('--console-port <number>', helpOf('consolePort'))
    .option('--console-host <address>', helpOf('consoleHost'))
    .option('--console-host-name <name...>', helpOf('consoleHostNames'))
    .option('--security-contact <uri>', helpOf('securityContact'))
    .option('--security-key <uri>', helpOf('securityKey'))
    .option('--second-factor <how>', helpOf('secondFactor'))
    .action(async (options: RunOptions) => {
      const { hostName: hostNames, install: installFolder, consoleHostName: consoleHostNames, ...named } = options;
      const { archive: archiveFolder, ...others } = named;
      const { data: _data, database: _database, logLevel: _logLevel, json: _json, ...more } = others;
      const toStop = stopSignal(); // before anybody can know that we run, so that nobody can stop us uncleanly
      const given = { ...more, hostNames, installFolder, consoleHostNames, archiveFolder };
      const config = configOf(options, given);
      const server = await startWhenReachable(config, toStop);
      if (!server) return;
      const { pins } = server.context.authority;
      const { url, consoleUrl, port } = server;
      const where = url === consoleUrl ? url : `${url} for sentinels, and on ${consoleUrl} for the console`;
      const text = `Vedette listens on ${where}\nPin: ${pins[0]}\nStop with Ctrl-C.`;
      print(options, { url, consoleUrl, port, pins }, text);
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

/** Waits for a database server that is not there yet, or not ready, as when a machine starts both; undefined if it is to stop first. */
async function startWhenReachable(config: ServerConfig, toStop: Promise<void>): Promise<RunningServer | undefined> {
  for (let tries = 0; ; tries++) {
    try {
      return await startServer(config);
    } catch (error) {
      if (!(error instanceof ConnectionLost || error instanceof NoAnswer)) throw error;
      if (tries % tellEvery === 0) process.stderr.write(`vedette-server: ${error.message}; waiting for it …\n`);
    }
    const waiting = new AbortController();
    const goesOn = sleep(waitMs, true, { signal: waiting.signal });
    if (!(await Promise.race([goesOn, toStop]))) {
      goesOn.catch(() => {}); // it is ended because nobody waits for it
      waiting.abort();
      return undefined;
    }
  }
}

/** A second signal changes nothing: a terminal sends Ctrl-C to the whole group, and who started us may pass it on. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve());
  });
}
