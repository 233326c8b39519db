import { serverConfig } from '../config.ts';
import { closeContext, openContext } from '../http/context.ts';
import { restoreMonth } from './restore.ts';
import type { RestoreOrder, RestoreTold } from './restore-apart.ts';

/* A process of its own in which one month is brought back, started by `restoreApart`; it ends with whoever started it. */

process.on('disconnect', () => process.exit(1));
process.once('message', (order: RestoreOrder) => void carryOut(order));

async function carryOut({ given, aheadMs, customerId, month, identities, until }: RestoreOrder): Promise<void> {
  try {
    const server = await openContext({ ...serverConfig(given), now: () => Date.now() + aheadMs });
    try {
      await restoreMonth(server, customerId, month, { identities, until });
    } finally {
      await closeContext(server);
    }
    tell({ kind: 'done' });
  } catch (error) {
    tell({ kind: 'failed', why: error instanceof Error ? error.message : String(error) });
  }
  process.disconnect?.();
}

function tell(told: RestoreTold): void {
  process.send?.(told);
}
