import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';
import type { Registry } from '../../db/registry/registry.ts';
import type { SessionRow, UserRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { readableToken, sameToken } from '../http/token.ts';
import { hashRecoveryCode, recoveryCodeHolds } from './password.ts';

const recoveryCodes = 10;
const stepMs = 30_000;

/** What an authenticator app needs to know, as a picture to scan and as text. */
export interface NewFactor {
  /** 160 random bits in base32, in groups of four. */
  secret: string;
  uri: string;
  /** An image of SVG. */
  qrCode: string;
}

/** Begins to set up a second factor: it counts once a code of it was given, in the same session. */
export async function beginFactor(
  server: ServerContext,
  user: Pick<UserRow, 'id' | 'name'>,
  token_hash: string,
): Promise<NewFactor> {
  const secret = new Secret({ size: 20 });
  const new_factor = server.masterKey.seal(secret.base32, aboutUser(user.id));
  await server.registry<SessionRow>('sessions').where({ token_hash }).update({ new_factor });
  const uri = totp(secret.base32, user.name).toString();
  const groups = secret.base32.match(/.{1,4}/g) ?? [];
  return { secret: groups.join(' '), uri, qrCode: renderSVG(uri, { border: 2 }) };
}

/**
 * Makes the second factor that was begun in this session the user's, if `code` is of it. Returns the recovery codes, which
 * nobody can be shown again; undefined if the code is wrong or nothing was begun.
 */
export async function confirmFactor(
  server: ServerContext,
  { id }: Pick<UserRow, 'id'>,
  token_hash: string,
  code: string,
): Promise<string[] | undefined> {
  const session = await server.registry<SessionRow>('sessions').where({ token_hash }).first('new_factor');
  if (!session?.new_factor) return undefined;
  const step = stepOf(server.masterKey.unseal(session.new_factor, aboutUser(id)), code, server.now());
  if (step === undefined) return undefined;
  const factor = { second_factor: session.new_factor, second_factor_step: step };
  await server.registry<UserRow>('users').where({ id }).update(factor);
  return renewRecoveryCodes(server, id);
}

/** Recovery codes that take the place of all earlier ones. */
export async function renewRecoveryCodes(server: ServerContext, id: string): Promise<string[]> {
  const codes = Array.from({ length: recoveryCodes }, () => readableToken(3));
  const recovery_hashes = JSON.stringify(codes.map((code) => hashRecoveryCode(server, code)));
  await server.registry<UserRow>('users').where({ id }).update({ recovery_hashes });
  return codes;
}

/** Takes a user's second factor away, and the recovery codes with it. */
export async function dropFactor(registry: Registry, id: string): Promise<void> {
  await registry<UserRow>('users').where({ id }).update({ second_factor: null, recovery_hashes: null });
}

/** How many recovery codes are left. */
export function recoveryCodesLeft({ recovery_hashes }: Pick<UserRow, 'recovery_hashes'>): number {
  return recoveryHashes({ recovery_hashes }).length;
}

/**
 * Whether `code` is one of the user's second factor or of their recovery codes, and uses it up: of two who give it at
 * once, one is right. The code of the 30 seconds before is taken too, none after.
 */
export async function spendCode(server: ServerContext, user: UserRow, code: string): Promise<boolean> {
  if (user.second_factor === null) return false;
  const secret = secretOf(server, user.id, user.second_factor);
  const step = secret === undefined ? undefined : stepOf(secret, code, server.now());
  return step === undefined ? spendRecoveryCode(server, user, code) : spendStep(server.registry, user.id, step);
}

/** A secret sealed under another master key (of the server that a customer came from) leaves the recovery codes alone. */
function secretOf(server: ServerContext, user: string, sealed: string): string | undefined {
  try {
    return server.masterKey.unseal(sealed, aboutUser(user));
  } catch {
    server.log.error({ user }, 'a second factor was sealed under another master key: remove it from the user');
    return undefined;
  }
}

async function spendStep(registry: Registry, id: string, step: number): Promise<boolean> {
  const unused = registry<UserRow>('users').where({ id }).where('second_factor_step', '<', step);
  return (await unused.update({ second_factor_step: step })) === 1;
}

async function spendRecoveryCode(server: ServerContext, user: UserRow, code: string): Promise<boolean> {
  const typed = code.trim().toLowerCase();
  const left = recoveryHashes(user).filter((kept) => !recoveryCodeHolds(server, typed, kept));
  if (left.length === recoveryHashes(user).length) return false;
  const { id, recovery_hashes } = user;
  const unused = server.registry<UserRow>('users').where({ id, recovery_hashes });
  return (await unused.update({ recovery_hashes: JSON.stringify(left) })) === 1;
}

/** The number of the 30 seconds that the code belongs to; undefined if it is none of now or just before. */
function stepOf(secret: string, code: string, now: number): number | undefined {
  const present = Math.floor(now / stepMs);
  const typed = code.replaceAll(/\s/g, '');
  return [present, present - 1].find((step) => sameToken(totp(secret).generate({ timestamp: step * stepMs }), typed));
}

function totp(secret: string, label = ''): TOTP {
  return new TOTP({ issuer: 'Vedette', label, secret: Secret.fromBase32(secret) });
}

/** What is kept of the codes that are left. */
export function recoveryHashes({ recovery_hashes }: Pick<UserRow, 'recovery_hashes'>): string[] {
  return JSON.parse(recovery_hashes ?? '[]');
}

/** As what is sealed of a second factor says whose it is. */
export function aboutUser(userId: string): string {
  return `the second factor of user ${userId}`;
}
