import { CustomerUnknown } from '../../db/customers.ts';
import { isUnusable } from '../../db/database-unusable.ts';
import { SchemaTooNew } from '../../db/migrate.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { providerTrail, readHeads, type SignedHeads } from './heads.ts';
import { slicesOf, trailOf } from './trail.ts';
import { type Head, type TrailReport, verifyTrail } from './verify.ts';

export interface TrailVerdict extends Omit<TrailReport, 'error'> {
  /** `provider`, or the customer's id. */
  trail: string;
  /** The customer's name. */
  name: string;
  /** How many signed heads it was held against. */
  heads: number;
  /** Whether all that is wrong is that its database could not be read, or not to its end. */
  isUnread: boolean;
}

export interface ServerVerdict {
  trails: TrailVerdict[];
  heads: Pick<SignedHeads, 'files' | 'latestAt' | 'faults'>;
  /** Whether nothing is wrong anywhere. */
  isWhole: boolean;
}

/** Verifies the trail of one customer, or, with none named, the provider's and every customer's; against all signed heads. */
export async function verifyServer(server: ServerContext, only?: string): Promise<ServerVerdict> {
  const { files, latestAt, faults, byTrail } = readHeads({ folder: server.auditHeads, dataFolder: server.dataFolder });
  const signedOf = (id: string) => byTrail.get(id) ?? [];
  const trails: TrailVerdict[] = [];
  const rows = await server.registry<CustomerRow>('customers').orderBy('name').select('id', 'name');
  if (only === undefined) {
    const report = await verifyTrail(slicesOf(trailOf(server, null)), hashes(signedOf(providerTrail)));
    trails.push(verdict(providerTrail, 'the provider', signedOf(providerTrail), report));
    const gone = [...byTrail.keys()].filter((id) => id !== providerTrail && !rows.some((row) => row.id === id));
    trails.push(...gone.map((id) => lost(id, signedOf(id))));
  }
  for (const { id, name } of rows.filter((row) => only === undefined || row.id === only)) {
    const signed = signedOf(id);
    trails.push(verdict(id, name, signed, await verifyTrail(slicesOf(trailOf(server, id)), hashes(signed))));
  }
  const isWhole = faults.length === 0 && trails.every((trail) => trail.faults.length === 0);
  return { trails, heads: { files, latestAt, faults }, isWhole };
}

/** By id, each as it was signed first: who writes a trail anew has the next turn sign what they wrote. */
function hashes(signed: readonly Head[]): ReadonlyMap<number, string> {
  return new Map(signed.toReversed().map(({ id, hash }) => [id, hash]));
}

function verdict(
  trail: string,
  name: string,
  signed: readonly Head[],
  { error, ...report }: TrailReport,
): TrailVerdict {
  const isUnread = isNotItsOwn(error) && report.faults.length === 1;
  return { trail, name, heads: signed.length, isUnread, ...report };
}

/** What kept it from being read is no answer of the database: another master key or a newer server's schema, for one. */
function isNotItsOwn(error: unknown): boolean {
  return [Refused, SchemaTooNew, CustomerUnknown].some((kind) => error instanceof kind) || isUnusable(error);
}

/** A trail that was signed, of a customer that is neither here nor erased by what was signed. */
function lost(trail: string, signed: readonly Head[]): TrailVerdict {
  const faults = [{ id: 0, what: 'the customer is gone, and nobody signed that it was erased' }];
  return verdict(trail, trail, signed, { entries: 0, head: { id: 0, hash: '' }, faults });
}
