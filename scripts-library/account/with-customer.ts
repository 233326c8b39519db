import { currentAccount } from './account.ts';
import { Api } from './api.ts';

/** Does `work` as whoever is signed in; `at` is the address of their customer. */
export async function withCustomer<T>(work: (api: Api, at: string, customerId: string) => Promise<T>): Promise<T> {
  await using api = new Api(await currentAccount());
  const { customer } = await api.whose();
  return await work(api, `/customers/${customer.id}`, customer.id);
}
