import { setImmediate as loopTurn } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Migration } from '../../migrate.ts';

/**
 * Details lie with their run: a table by itself was a tenth of the work of storing a run. Those of late runs stay in the JSON
 * of `late_runs` as they are.
 */
export const detailsWithRuns: Migration = {
  name: '021-details-with-runs',
  async up(db) {
    await db.schema.alterTable('runs', (t) => {
      t.text('details', 'mediumtext');
    });
    // So that whoever still works with the schema before stores nothing that would be lost.
    if (await db.schema.hasTable('run_details')) await db.schema.renameTable('run_details', moving);
    if (!(await db.schema.hasTable(moving))) return; // cut short after its last statement
    while (await moveSome(db)) await loopTurn();
    await db.schema.dropTable(moving);
  },
};

const moving = 'details_to_move';
const atOnce = 1000;

/** Whether there were any. */
async function moveSome(db: Knex): Promise<boolean> {
  const keys: Uint8Array[] = await db(moving).orderBy('run_id').limit(atOnce).pluck('run_id');
  const own = db(moving).whereRaw('run_id = runs.id').select('facts');
  await db('runs').whereIn('id', keys).update({ details: own });
  await db(moving).whereIn('run_id', keys).delete();
  return keys.length > 0;
}
