import { z } from 'zod';
import { MonitorState, Period } from '../reports/shapes.ts';

export const Session = z.object({
  user: z.object({
    id: z.string(),
    name: z.string(),
    role: z.enum(['viewer', 'author', 'admin', 'operator', 'operator-admin']),
  }),
  /** Null for an operator. */
  customer: z.object({ id: z.string(), name: z.string(), timeZone: z.string() }).nullable(),
  /** To be sent as header `x-csrf-token` with everything that changes something. */
  csrfToken: z.string(),
});
export type Session = z.infer<typeof Session>;

export const CustomersAnswer = z.object({
  period: Period,
  customers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      monitors: z.int().nonnegative(),
      /** How many monitors are in each state. */
      states: z.record(MonitorState, z.int().nonnegative()),
      /** Of all monitors together: runs passed ÷ (passed + failed). */
      availability: z.number().min(0).max(1).nullable(),
      lastRunAt: z.int().nullable(),
      /** Null unless nobody of the customer is let in. */
      suspendedAt: z.int().nullable(),
      /** Whether its database could be read; if not, nothing is known of its monitors. */
      isReadable: z.boolean(),
    }),
  ),
});
export type CustomersAnswer = z.infer<typeof CustomersAnswer>;
