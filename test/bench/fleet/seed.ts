import { randomUUID } from 'node:crypto';
import type { CustomerId } from '../../../db/customers.ts';
import { addCustomer } from '../../../server/accounts/customers.ts';
import { addMonitor } from '../../../server/assignments/monitors.ts';
import { publish } from '../../../server/assignments/publish.ts';
import type { ServerContext } from '../../../server/http/context.ts';
import { newToken, tokenHash } from '../../../server/http/token.ts';

/** Sentinels of one customer: those to which a change goes. */
const perCustomer = 1000;
const monitorsEach = 20;

export interface Watched {
  id: CustomerId;
  sentinels: { id: string; apiKey: string }[];
}

/** Customers of 1,000 sentinels, each sentinel with 20 monitors, as many as the count asks for. */
export async function seed(context: ServerContext, count: number): Promise<Watched[]> {
  const customers: Watched[] = [];
  for (let left = count; left > 0; left -= perCustomer) {
    const { id } = await addCustomer(context, `Customer ${customers.length + 1}`);
    const source = `import { test } from '@playwright/test'; test('x', async ({ page }) => { await page.goto('https://shop.example/'); });`;
    await publish(context, id, { script: { name: 'shop.spec.ts', source }, author: 'bench' });
    for (let i = 0; i < monitorsEach; i++)
      await addMonitor(context, id, { name: `Shop ${i}`, script: 'shop.spec.ts', everyMs: 86_400_000 });
    customers.push({ id, sentinels: await addSentinels(context, id, Math.min(left, perCustomer)) });
  }
  return customers;
}

/** As enrolment leaves them, without its ten thousand handshakes. */
async function addSentinels(context: ServerContext, customerId: CustomerId, count: number) {
  const location = { id: randomUUID(), name: 'Utrecht' };
  const sentinels = Array.from({ length: count }, () => ({ id: randomUUID(), apiKey: newToken() }));
  const at = context.now();
  await context.customers.use(customerId, async (db) => {
    await db('locations').insert(location);
    const about = { platform: 'bench', version: '1', location_id: location.id, enrolled_at: at };
    const rows = sentinels.map(({ id }, i) => ({ id, name: `PC ${i}`, ...about }));
    await db.batchInsert('sentinels', rows, 50);
  });
  const keys = sentinels.map(({ id, apiKey }) => ({
    ...{ key_hash: tokenHash(apiKey), sentinel_id: id, customer_id: customerId, created_at: at, revoked_at: null },
  }));
  await context.registry.batchInsert('sentinel_keys', keys, 50);
  return sentinels;
}
