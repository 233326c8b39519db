import type { Knex } from 'knex';
import type { Migration } from '../../migrate.ts';
import type { LateRunRow } from '../rows.ts';

/** Details lie with their run: a table by itself was a fifteenth of the work of storing a run. */
export const detailsWithRuns: Migration = {
  name: '021-details-with-runs',
  async up(db) {
    await db.schema.alterTable('runs', (t) => {
      t.text('details', 'mediumtext');
    });
    if (await db.schema.hasTable('run_details')) await moveDetails(db);
    await moveLateDetails(db);
    await db.schema.dropTableIfExists('run_details');
  },
};

const atOnce = 1000;

async function moveDetails(db: Knex): Promise<void> {
  for (let last: Uint8Array | undefined; ; ) {
    const query = db('run_details').orderBy('run_id').limit(atOnce);
    const keys: Uint8Array[] = await (last ? query.where('run_id', '>', last) : query).pluck('run_id');
    const first = keys[0];
    last = keys.at(-1);
    if (!first || !last) return;
    const own = db('run_details').whereRaw('run_id = runs.id').select('facts');
    await db('runs').whereBetween('id', [first, last]).update({ details: own });
  }
}

/** What waits for a supplement of its month holds its rows as JSON. */
async function moveLateDetails(db: Knex): Promise<void> {
  const ids: Uint8Array[] = await db('late_runs').pluck('id');
  for (const id of ids) {
    const row: Pick<LateRunRow, 'content'> = await db('late_runs').where({ id }).first('content');
    const { details, ...rest } = JSON.parse(row.content);
    if (!Array.isArray(details)) continue; // done before this step was cut short
    const run = { ...rest.run, details: details[0]?.facts ?? null };
    await db('late_runs')
      .where({ id })
      .update({ content: JSON.stringify({ ...rest, run }) });
  }
}
