import type { Registry } from '../../db/registry/registry.ts';
import type { KnownDeviceRow } from '../../db/registry/rows.ts';
import { newToken, tokenHash } from '../http/token.ts';

export const deviceCookie = '__Host-vedette-device';
/** A browser is forgotten when it wasn't signed in with for so long (ms). */
export const deviceLifeMs = 180 * 86_400_000;

/** Whose browser the one with this token is, and `as` what the counts of failures name it, if this user signed in with it before. */
export async function knownDevice(
  registry: Registry,
  userName: string,
  token: string | undefined,
  now: number,
): Promise<{ userId: string; as: string } | undefined> {
  const token_hash = tokenHash(token ?? '');
  const row = await registry('known_devices')
    .join('users', 'users.id', 'known_devices.user_id')
    .where({ token_hash, 'users.name': userName })
    .where('seen_at', '>', now - deviceLifeMs)
    .first('user_id');
  return row && { userId: row.user_id, as: `device ${token_hash.slice(0, 40)}` };
}

/** Remembers that the user signed in with this browser; returns the token it keeps from now on. */
export async function rememberDevice(
  registry: Registry,
  user_id: string,
  token: string | undefined,
  now: number,
): Promise<string> {
  const rows = () => registry<KnownDeviceRow>('known_devices');
  const ours =
    token !== undefined &&
    (await rows()
      .where({ token_hash: tokenHash(token) })
      .first()) !== undefined;
  const kept = ours ? token : newToken(); // never one that somebody else thought of
  const row = { token_hash: tokenHash(kept), user_id, seen_at: now };
  await rows().insert(row).onConflict(['token_hash', 'user_id']).merge();
  return kept;
}

/** Forgets browsers that nobody signed in with for long. */
export async function forgetOldDevices(registry: Registry, now: number): Promise<void> {
  await registry<KnownDeviceRow>('known_devices')
    .where('seen_at', '<=', now - deviceLifeMs)
    .delete();
}

/** From now on the user is a stranger everywhere. */
export async function forgetDevices(registry: Registry, user_id: string): Promise<void> {
  await registry<KnownDeviceRow>('known_devices').where({ user_id }).delete();
}
