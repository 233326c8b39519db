import { queryOptions } from '@tanstack/react-query';
import { api, ask, takeTokenOf } from './client.ts';
import { queryClient, takeSession } from './queries.ts';
import type { NewFactor, User, UserLink } from './types.ts';

/* One's own account, and the users that an administrator looks after. */

export async function changePassword(current: string, password: string): Promise<void> {
  takeSession(await ask(api.POST('/session/password', { body: { current, password } })));
  await queryClient.invalidateQueries({ queryKey: ownSessionsQuery.queryKey });
}

export function beginFactor(password: string): Promise<NewFactor> {
  return ask(api.POST('/session/second-factor', { body: { password } }));
}

/** Returns the recovery codes, and what to do once the user has them: it may take the page away on which they stand. */
export async function confirmFactor(code: string): Promise<{ recoveryCodes: string[]; done(): void }> {
  const { recoveryCodes, session } = await ask(api.PUT('/session/second-factor', { body: { code } }));
  takeTokenOf(session);
  return { recoveryCodes, done: () => takeSession(session) };
}

export async function removeOwnFactor(password: string, code: string): Promise<void> {
  takeSession(await ask(api.POST('/session/second-factor/removal', { body: { password, code } })));
}

export async function renewRecoveryCodes(password: string, code: string): Promise<string[]> {
  const { recoveryCodes, session } = await ask(api.POST('/session/recovery-codes', { body: { password, code } }));
  takeSession(session);
  return recoveryCodes;
}

export const ownSessionsQuery = queryOptions({
  queryKey: ['sessions'],
  refetchInterval: 10_000,
  queryFn: ({ signal }) => ask(api.GET('/sessions', { signal })),
});

export async function endSession(sessionId: string): Promise<void> {
  await ask(api.DELETE('/sessions/{sessionId}', { params: { path: { sessionId } } }));
  await queryClient.invalidateQueries({ queryKey: ownSessionsQuery.queryKey });
}

export async function endOtherSessions(): Promise<void> {
  await ask(api.DELETE('/sessions'));
  await queryClient.invalidateQueries({ queryKey: ownSessionsQuery.queryKey });
}

export function lookAtLink(token: string) {
  return ask(api.POST('/links/look', { body: { token } }));
}

export function choosePassword(token: string, password: string): Promise<unknown> {
  return ask(api.POST('/links/use', { body: { token, password } }));
}

/** Whose users: a customer's, or everybody's. */
export type Whose = string | 'everybody';

export const usersQuery = (whose: Whose) =>
  queryOptions({
    queryKey: ['users', whose],
    refetchInterval: 10_000,
    queryFn: ({ signal }) =>
      whose === 'everybody'
        ? ask(api.GET('/users', { signal }))
        : ask(api.GET('/customers/{customerId}/users', { params: { path: { customerId: whose } }, signal })),
  });

export type Role = User['role'];
type CustomerRole = 'viewer' | 'author' | 'admin';
/** That it is still who signed in: their password, and a code where they have a second factor. */
export interface Proof {
  password: string;
  code?: string;
}

export function inviteUser(
  whose: Whose,
  { customer, ...wish }: { name: string; role: Role; customer: string | null } & Partial<Proof>,
): Promise<UserLink> {
  if (whose === 'everybody') return thenAnew(whose, ask(api.POST('/users', { body: { ...wish, customer } })));
  const body = { ...wish, role: wish.role as CustomerRole };
  const params = { path: { customerId: whose } };
  return thenAnew(whose, ask(api.POST('/customers/{customerId}/users', { params, body })));
}

export type Deed = 'disabling' | 'enabling' | 'unlocking' | 'password-change';

export function doToUser(whose: Whose, userId: string, deed: Deed): Promise<unknown> {
  if (whose === 'everybody') {
    return thenAnew(whose, ask(api.POST(`/users/{userId}/${deed}`, { params: { path: { userId } } })));
  }
  const params = { path: { customerId: whose, userId } };
  return thenAnew(whose, ask(api.POST(`/customers/{customerId}/users/{userId}/${deed}`, { params })));
}

export function removeFactorOf(whose: Whose, userId: string, body: Proof): Promise<unknown> {
  if (whose === 'everybody') {
    const params = { path: { userId } };
    return thenAnew(whose, ask(api.POST('/users/{userId}/second-factor-removal', { params, body })));
  }
  const params = { path: { customerId: whose, userId } };
  return thenAnew(
    whose,
    ask(api.POST('/customers/{customerId}/users/{userId}/second-factor-removal', { params, body })),
  );
}

export function linkForUser(whose: Whose, userId: string, body: Proof): Promise<UserLink> {
  if (whose === 'everybody') {
    return thenAnew(whose, ask(api.POST('/users/{userId}/link', { params: { path: { userId } }, body })));
  }
  const params = { path: { customerId: whose, userId } };
  return thenAnew(whose, ask(api.POST('/customers/{customerId}/users/{userId}/link', { params, body })));
}

export function changeRole(whose: Whose, userId: string, body: { role: Role } & Partial<Proof>): Promise<unknown> {
  if (whose === 'everybody') {
    return thenAnew(whose, ask(api.PUT('/users/{userId}/role', { params: { path: { userId } }, body })));
  }
  const params = { path: { customerId: whose, userId } };
  return thenAnew(whose, ask(api.PUT('/customers/{customerId}/users/{userId}/role', { params, body })));
}

export const renewalQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['password-renewal', customerId],
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/password-renewal', { params: { path: { customerId } }, signal })),
  });

export async function setRenewal(customerId: string, renewal: 'all' | 'without-second-factor'): Promise<void> {
  const params = { path: { customerId } };
  await ask(api.PUT('/customers/{customerId}/password-renewal', { params, body: { renewal } }));
  queryClient.setQueryData(renewalQuery(customerId).queryKey, { renewal });
}

async function thenAnew<T>(whose: Whose, asked: Promise<T>): Promise<T> {
  const answer = await asked;
  await queryClient.invalidateQueries({ queryKey: ['users', whose] });
  return answer;
}
