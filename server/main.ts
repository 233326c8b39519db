import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openServerCertificate } from '../certs/server-certificate.ts';
import { FailedSignIns } from './accounts/failed-sign-ins.ts';
import { app } from './app.ts';
import { ChangeWatch } from './assignments/changes.ts';
import { CertificateWatch } from './certificates/watch.ts';
import type { ServerConfig } from './config.ts';
import { answerClientErrors } from './http/client-errors.ts';
import { closeContext, openContext, type ServerContext } from './http/context.ts';
import { Door } from './http/door.ts';
import type { Limits } from './http/limits.ts';
import { Refused } from './http/refused.ts';
import { archiveJob } from './jobs/archive-job.ts';
import { auditHeadsJob } from './jobs/audit-heads-job.ts';
import { cleanUpJob } from './jobs/clean-up-job.ts';
import { forgetHoursJob } from './jobs/forget-hours-job.ts';
import { LastSeenJob } from './jobs/last-seen-job.ts';
import { Lease } from './jobs/lease.ts';
import { partitionJob } from './jobs/partition-job.ts';
import { restoreJob } from './jobs/restore-job.ts';
import { retireJob } from './jobs/retire-job.ts';
import { RollupJob } from './jobs/rollup-job.ts';
import { letGoOfErased } from './keeping/erase.ts';

export interface RunningServer {
  url: string;
  /** The same, unless the console has a port of its own. */
  consoleUrl: string;
  port: number;
  context: ServerContext;
  /** Ends open requests and jobs, then closes the databases. */
  close(): Promise<void>;
}

/** How long requests may take to end when the server stops (ms). */
const graceMs = 5000;
/** A connection on which nothing moves at all; the longest wait for news is shorter (ms). */
const silenceMs = 180_000;

/**
 * Starts the service: what sentinels call, the console's API and the console, over TLS 1.3 or 1.2. It listens when this
 * returns. Throws `Refused` when it can't, or as `openContext`, each saying what to do; then nothing is left running.
 */
export async function startServer(config: ServerConfig): Promise<RunningServer> {
  const context = await openContext(config);
  try {
    letGoOfErased(context);
    const doors = await openDoors(context, config);
    const [front] = doors;
    if (!front) throw new Error('there is no door');
    const takeUp = async () => {
      for (const { server } of doors) server.setSecureContext(await tlsOptions(context, config));
    };
    const certificates = new CertificateWatch(context, takeUp);
    const lease = new Lease(context);
    const jobs = [
      new RollupJob(context, lease),
      partitionJob(context, lease),
      retireJob(context, lease),
      cleanUpJob(context, lease),
      auditHeadsJob(context, lease),
      archiveJob(context, lease),
      restoreJob(context, lease),
      forgetHoursJob(context, lease),
      new LastSeenJob(context),
      new FailedSignIns(context),
      new ChangeWatch(context),
      certificates,
      lease, // the last: no other is to begin before these have ended
    ];
    return {
      url: front.url,
      consoleUrl: doors.at(-1)?.url ?? front.url,
      port: front.port,
      context,
      async close() {
        context.stopping.abort();
        await Promise.all(doors.map(({ server, door }) => end(server, door)));
        for (const job of jobs) await job.stop();
        await closeContext(context);
      },
    };
  } catch (error) {
    await closeContext(context);
    throw error;
  }
}

interface OpenDoor {
  server: Server;
  door: Door;
  port: number;
  url: string;
}

/** One for all, or the first for sentinels and the second for the console. Each listens; if one can't, none does. */
async function openDoors(context: ServerContext, config: ServerConfig): Promise<OpenDoor[]> {
  const { host, port, hostNames, consolePort, consoleHost = host, consoleHostNames } = config;
  const isApart = consolePort !== undefined || consoleHostNames.length > 0;
  const doors = [new Door(context.limits), ...(consolePort === undefined ? [] : [new Door(context.limits)])];
  const listeners = await app(context, doors, isApart);
  const byName: RequestListener = (request, answer) => {
    const name = hostOf(request);
    return consoleHostNames.includes(name) ? listeners.console(request, answer) : listeners.sentinels(request, answer);
  };
  const places = [{ host, port, names: hostNames, listener: consolePort === undefined ? byName : listeners.sentinels }];
  if (consolePort !== undefined) {
    places.push({ host: consoleHost, port: consolePort, names: consoleHostNames, listener: listeners.console });
  }
  const open: OpenDoor[] = [];
  try {
    for (const [i, place] of places.entries()) {
      const door = doors[i] ?? new Door(context.limits);
      const options = { ...(await tlsOptions(context, config)), ...timeouts(context.limits) };
      const server = createServer(options, place.listener);
      server.setTimeout(silenceMs);
      door.guard(server);
      answerClientErrors(server);
      await listen(server, place);
      const { port } = server.address() as AddressInfo;
      open.push({ server, door, port, url: `https://${urlHost(place)}:${port}` });
    }
  } catch (error) {
    await Promise.all(open.map(({ server, door }) => end(server, door)));
    throw error;
  }
  tellUrls(context, config, open);
  return open;
}

/** What links are made of: names that were configured, never what a request says. */
function tellUrls(context: ServerContext, { hostNames, consoleHostNames }: ServerConfig, doors: readonly OpenDoor[]) {
  const urlOf = (name: string | undefined, door: OpenDoor | undefined) =>
    name === undefined || !door ? undefined : `https://${bracketed(name)}:${door.port}`.replace(/:443$/, '');
  const isApart = doors.length > 1 || consoleHostNames.length > 0;
  context.consoleUrl = urlOf(isApart ? consoleHostNames[0] : hostNames[0], doors.at(-1));
  context.sentinelUrl = isApart ? (urlOf(hostNames[0], doors[0]) ?? doors[0]?.url) : undefined;
}

function hostOf({ headers: { host = '' } }: IncomingMessage): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

async function tlsOptions({ dataFolder, now }: ServerContext, { hostNames, consoleHostNames }: ServerConfig) {
  const names = [...hostNames, ...consoleHostNames];
  const { key, chain } = await openServerCertificate(join(dataFolder, 'certs'), names, now());
  return { key, cert: chain, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] } as const;
}

/** Whoever is slower than that takes up a connection. */
function timeouts({ handshakeMs, headersMs, requestMs, keepAliveMs, lookEveryMs }: Limits) {
  return {
    handshakeTimeout: handshakeMs,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: lookEveryMs,
  };
}

function listen(server: Server, { host, port }: Pick<ServerConfig, 'host' | 'port'>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const known: Record<string, string> = {
    EADDRINUSE: 'another program listens there: stop it, or choose another port with --port',
    EACCES: 'this user may not: choose a port above 1023 with --port',
    EADDRNOTAVAIL: 'this machine has no such address: choose one of its own with --host',
    EAI_AGAIN: 'the name could not be looked up: choose an address of this machine with --host',
    ENOTFOUND: 'there is no such name: choose an address of this machine with --host',
  };
  const why = known[error.code ?? ''] ?? error.message;
  return new Refused(`cannot listen on ${host} port ${port} (${error.code}): ${why}`, { cause: error });
}

/** Requests in progress are let to end, within limits; connections that wait for a next request are closed. */
async function end(server: Server, door: Door): Promise<void> {
  const closeIdle = setInterval(() => server.closeIdleConnections(), 20);
  const closeAll = setTimeout(() => {
    server.closeAllConnections();
    door.close();
  }, graceMs);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(closeIdle);
  clearTimeout(closeAll);
}

function urlHost({ host, names }: { host: string; names: readonly string[] }): string {
  const listensEverywhere = host === '0.0.0.0' || host === '::';
  return bracketed(listensEverywhere ? (names[0] ?? 'localhost') : host);
}

function bracketed(name: string): string {
  return name.includes(':') ? `[${name}]` : name;
}
