import { queryOptions } from '@tanstack/react-query';
import { api, ask } from './client.ts';
import { customersQuery, queryClient, sessionKey } from './queries.ts';
import type { CustomerWish, EntryWish, Grant, NewCustomer, NewToken, TokenWish } from './types.ts';

/** Servers on which a customer's database can be made, beside that of the registry. */
export const databaseServersQuery = queryOptions({
  queryKey: ['database-servers'],
  queryFn: ({ signal }) => ask(api.GET('/database-servers', { signal })),
});

export async function addCustomer(body: CustomerWish): Promise<NewCustomer> {
  const asked = ask(api.POST('/customers', { body }));
  return asked.finally(() => void queryClient.invalidateQueries({ queryKey: customersQuery.queryKey }));
}

/** Begins a stay inside a customer. */
export async function enterCustomer(customerId: string, body: EntryWish): Promise<Grant> {
  const path = { customerId };
  const grant = await ask(api.POST('/customers/{customerId}/entry', { params: { path }, body }));
  await queryClient.invalidateQueries({ queryKey: sessionKey });
  return grant;
}

export async function leaveCustomer(customerId: string): Promise<void> {
  await ask(api.DELETE('/customers/{customerId}/entry', { params: { path: { customerId } } }));
  await lookWhereInside(customerId);
}

/** Asks anew where the operator is inside; nothing that was seen of this customer stays in the page. */
export async function lookWhereInside(customerId: string): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: sessionKey });
  queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey.includes(customerId) });
}

export const tokensQuery = (customerId: string) =>
  queryOptions({
    queryKey: ['tokens', customerId],
    refetchInterval: 10_000,
    queryFn: ({ signal }) =>
      ask(api.GET('/customers/{customerId}/tokens', { params: { path: { customerId } }, signal })),
  });

export async function addToken(customerId: string, body: TokenWish): Promise<NewToken> {
  const asked = api.POST('/customers/{customerId}/tokens', { params: { path: { customerId } }, body });
  return ask(asked).finally(() => void queryClient.invalidateQueries({ queryKey: ['tokens', customerId] }));
}

export async function revokeToken(customerId: string, tokenId: string): Promise<void> {
  const path = { customerId, tokenId };
  const asked = api.DELETE('/customers/{customerId}/tokens/{tokenId}', { params: { path } });
  await ask(asked).finally(() => void queryClient.invalidateQueries({ queryKey: ['tokens', customerId] }));
}
