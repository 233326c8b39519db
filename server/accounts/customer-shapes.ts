import { z } from 'zod';
import { timeZone } from '../reports/query-parts.ts';
import { Proof } from './prove.ts';
import { CustomerNamed } from './shapes.ts';

/* What an operator asks and is told who adds a customer. */

export const CustomerWish = Proof.extend({
  name: z.string().trim().min(1).max(200).describe('what it is called, here and on its own pages'),
  timeZone: timeZone.describe('in which its days begin, as in Europe/Amsterdam'),
  databaseServer: z
    .string()
    .max(100)
    .nullable()
    .default(null)
    .describe('on which its database is made; null: where the registry is'),
});

export const NewCustomerAnswer = CustomerNamed.extend({
  archiveKey: z.string().describe("the recipient of its archive's key, which waits for its administrator"),
});

export const DatabaseServersAnswer = z.object({
  databaseServers: z.array(z.object({ name: z.string(), address: z.string().describe('host and port') })),
});
