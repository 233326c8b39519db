import { randomBytes } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { HostFacts } from '../../protocol/messages.ts';
import { isLocal } from './hosts.ts';

export type NetworkFacts = NonNullable<HostFacts['network']>;

const perResolverMs = 1000;
const longestMs = 2000;

/** How it shows that no resolver said anything, or that it found nobody to ask; whatever else goes wrong with a question, it had an answer. */
const silence: ReadonlySet<unknown> = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED']);
const atALoss = 'ESERVFAIL';
/** Names below it do not exist, which the servers of the root say, and nobody near: https://www.rfc-editor.org/rfc/rfc2606 */
const elsewhere = 'example';

/**
 * Looks whether this device has a network of its own: an interface with an address, and a resolver that answers. Takes
 * 2 s at most. `host` is the application's; `server` is what is known of the sentinel's server.
 */
export async function lookAtNetwork(host: string, server: boolean | undefined): Promise<NetworkFacts> {
  const link = server === undefined ? {} : { server };
  if (!hasInterface()) return { interface: false, ...link };
  return { interface: true, resolver: await resolverAnswers(host), ...link };
}

/** Addresses that an interface gives itself without a network (link-local ones) don't count. */
function hasInterface(): boolean {
  return Object.values(networkInterfaces()).some((addresses = []) =>
    addresses.some(({ internal, address }) => !internal && !isLocal(address)),
  );
}

/** Whether a name server is of any use. `servers` are asked in the place of the device's own, for tests. */
export async function resolverAnswers(host: string, servers?: readonly string[]): Promise<boolean> {
  const resolver = new Resolver({ timeout: perResolverMs, tries: 1 });
  if (servers) resolver.setServers(servers);
  const limit = setTimeout(() => resolver.cancel(), longestMs);
  try {
    const word = await wordOf(resolver, isIP(host) ? elsewhere : host);
    // One without a way out is at a loss for every name. If it is for the application's alone, that is the application's fault.
    return word === atALoss ? (await wordOf(resolver, elsewhere)) !== atALoss : !silence.has(word);
  } finally {
    clearTimeout(limit);
  }
}

/** What a resolver says to a name that nobody has asked for before: one that is kept near would be answered without a network. */
async function wordOf(resolver: Resolver, zone: string): Promise<unknown> {
  try {
    return await resolver.resolve4(`vedette-${randomBytes(4).toString('hex')}.${zone}`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
