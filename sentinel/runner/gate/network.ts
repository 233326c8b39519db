import { randomBytes } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { HostFacts } from '../../protocol/messages.ts';
import { isLocal } from './hosts.ts';

export type NetworkFacts = NonNullable<HostFacts['network']>;

const perResolverMs = 1000;
const longestMs = 2000;

/** How it shows that no resolver said anything; whatever else goes wrong with a question, it had an answer. */
const silence: ReadonlySet<unknown> = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED']);

/**
 * Looks whether this device has a network of its own: an interface with an address, and a resolver that answers. Takes
 * 2 s at most. `host` is the application's; `server` is what is known of the sentinel's server.
 */
export async function lookAtNetwork(host: string, server: boolean | undefined): Promise<NetworkFacts> {
  const link = server === undefined ? {} : { server };
  if (!hasInterface()) return { interface: false, ...link };
  const resolver = await resolverAnswers(host);
  return { interface: true, ...(resolver === undefined ? {} : { resolver }), ...link };
}

/** Addresses that an interface gives itself without a network (link-local ones) don't count. */
function hasInterface(): boolean {
  return Object.values(networkInterfaces()).some((addresses = []) =>
    addresses.some(({ internal, address }) => !internal && !isLocal(address)),
  );
}

/** Undefined where it can't be told: a resolver on this device that has no answer may only lack one itself. */
async function resolverAnswers(host: string): Promise<boolean | undefined> {
  const resolver = new Resolver({ timeout: perResolverMs, tries: 1 });
  const limit = setTimeout(() => resolver.cancel(), longestMs);
  // A name nobody has asked for before: one that is kept on this device would be answered without a network.
  const name = `vedette-${randomBytes(4).toString('hex')}.${isIP(host) ? 'example' : host}`;
  try {
    await resolver.resolve4(name);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESERVFAIL' && resolver.getServers().every((server) => isLocal(addressOf(server)))) return undefined;
    return !silence.has(code);
  } finally {
    clearTimeout(limit);
  }
}

/** Without the port that may follow it. */
function addressOf(server: string): string {
  const [, bracketed] = /^\[(.*)\](?::\d+)?$/.exec(server) ?? [];
  return bracketed ?? (isIP(server) ? server : server.replace(/:\d+$/, ''));
}
