import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { openServerCertificate } from '../certs/server-certificate.ts';
import { app } from './app.ts';
import { ChangeWatch } from './assignments/changes.ts';
import { CertificateWatch } from './certificates/watch.ts';
import type { ServerConfig } from './config.ts';
import { closeContext, openContext, type ServerContext } from './http/context.ts';
import { Door } from './http/door.ts';
import type { Limits } from './http/limits.ts';
import { Refused } from './http/refused.ts';
import { AuditHeadsJob } from './jobs/audit-heads-job.ts';
import { CleanUpJob } from './jobs/clean-up-job.ts';
import { LastSeenJob } from './jobs/last-seen-job.ts';
import { Lease } from './jobs/lease.ts';
import { PartitionJob } from './jobs/partition-job.ts';
import { RetireJob } from './jobs/retire-job.ts';
import { RollupJob } from './jobs/rollup-job.ts';
import { letGoOfErased } from './keeping/erase.ts';

export interface RunningServer {
  url: string;
  port: number;
  context: ServerContext;
  /** Ends open requests and jobs, then closes the databases. */
  close(): Promise<void>;
}

/** How long requests may take to end when the server stops (ms). */
const graceMs = 5000;
/** A connection on which nothing moves at all; the longest wait for news is shorter (ms). */
const silenceMs = 120_000;

/**
 * Starts the service: what sentinels call, the console's API and the console, over TLS 1.3 or 1.2. It listens when this
 * returns. Throws `Refused` when it can't, or as `openContext`, each saying what to do; then nothing is left running.
 */
export async function startServer(config: ServerConfig): Promise<RunningServer> {
  const context = await openContext(config);
  try {
    const door = new Door(context.limits);
    letGoOfErased(context);
    const server = createServer(
      { ...(await tlsOptions(context, config)), ...timeouts(context.limits) },
      await app(context, door),
    );
    server.setTimeout(silenceMs);
    door.guard(server);
    await listen(server, config);
    const takeUp = async () => server.setSecureContext(await tlsOptions(context, config));
    const certificates = new CertificateWatch(context, takeUp);
    const lease = new Lease(context);
    const jobs = [
      new RollupJob(context, lease),
      new PartitionJob(context, lease),
      new RetireJob(context, lease),
      new CleanUpJob(context, lease),
      new AuditHeadsJob(context, lease),
      new LastSeenJob(context),
      new ChangeWatch(context),
      certificates,
      lease, // the last: no other is to begin before these have ended
    ];
    const { port } = server.address() as AddressInfo;
    return {
      url: `https://${urlHost(config)}:${port}`,
      port,
      context,
      async close() {
        context.stopping.abort();
        await end(server, door);
        for (const job of jobs) await job.stop();
        await closeContext(context);
      },
    };
  } catch (error) {
    await closeContext(context);
    throw error;
  }
}

async function tlsOptions({ dataFolder, now }: ServerContext, { hostNames }: ServerConfig) {
  const { key, chain } = await openServerCertificate(join(dataFolder, 'certs'), hostNames, now());
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

function listen(server: Server, { host, port }: ServerConfig): Promise<void> {
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

function urlHost({ host, hostNames }: ServerConfig): string {
  const listensEverywhere = host === '0.0.0.0' || host === '::';
  const name = listensEverywhere ? (hostNames[0] ?? 'localhost') : host;
  return name.includes(':') ? `[${name}]` : name;
}
