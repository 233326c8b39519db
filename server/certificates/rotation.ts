import { join } from 'node:path';
import { openAuthority } from '../../certs/authority.ts';
import { retirePrevious, switchToBackup } from '../../certs/rotate.ts';
import { audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { type Readiness, readiness } from './readiness.ts';

/** What `rotate` does: the backup key takes over, or the key before is announced no more. */
export type RotationStep = 'switch' | 'retire';

export interface Rotation extends Readiness {
  pins: readonly string[];
  /** `use`: nothing, since the operator gives the certificates. */
  next: RotationStep | 'use';
}

/** A sentinel that was not seen for longer than that may never come back (days). */
export const usualSeenWithinDays = 30;

/** Where the change of keys stands, and which sentinels are not ready for its next step. */
export async function rotation(server: ServerContext, seenWithinDays = usualSeenWithinDays): Promise<Rotation> {
  const { pins, changing, isGiven, announced } = server.authority;
  const own = changing ? 'retire' : 'switch';
  return { pins, next: isGiven || announced.length > 0 ? 'use' : own, ...(await readiness(server, seenWithinDays)) };
}

/**
 * Does the next step. Throws `Refused` while sentinels that are still about are not ready, unless `force`: who then has only older pins sends
 * nothing until it is given the new one by hand.
 */
export async function rotate(
  server: ServerContext,
  { force, seenWithinDays }: { force: boolean; seenWithinDays?: number },
): Promise<RotationStep> {
  const { next, unready, gone, unread } = await rotation(server, seenWithinDays);
  if (next === 'use') {
    throw new Refused(
      'the server shows a certificate that you have given, or is about to: go over to another key with ' +
        'vedette-server certs use --certificate FILE --key FILE',
    );
  }
  if (!force) refuseUnready({ unready, unread });
  const folder = join(server.dataFolder, 'certs');
  if (next === 'switch') await switchToBackup(folder, server.now());
  else retirePrevious(folder);
  server.authority = await openAuthority(folder, server.now());
  const detail = { step: next, unready: unready.length, gone: gone.length };
  await audit(server.registry, { at: server.now(), actor: commandLine, action: 'authority-rotated', detail });
  return next;
}

/** Throws `Refused` where sentinels that are still about are not ready, or nobody knows whether they are. */
export function refuseUnready({ unready, unread }: Pick<Readiness, 'unready' | 'unread'>): void {
  if (unread.length > 0) {
    const names = unread.map(({ customer, why }) => `${customer} (${why})`).join(', ');
    throw new Refused(
      `what the sentinels of ${unread.length} customers know is not known, since their databases could not be read: ` +
        `${names}; put that right, or go on with --force and give those that are left behind the new pin by hand`,
    );
  }
  if (unready.length === 0) return;
  throw new Refused(
    `${unready.length} sentinels have not said that they have the present pins (${someNames(unready)}): wait until they ` +
      'were here, revoke those that are gone, or go on with --force and give them the new pin by hand',
  );
}

function someNames(unready: Rotation['unready']): string {
  const names = unready.slice(0, 5).map(({ name, customer }) => `${name} of ${customer}`);
  return [...names, ...(unready.length > 5 ? ['…'] : [])].join(', ');
}
