import type { Migration } from '../../migrate.ts';
import { createClusteredTable } from '../clustered-table.ts';
import { idLength } from './id-length.ts';

/** The end of the calendar. */
const unended = 8_640_000_000_000_000;

/** Who ran what when, so that coverage of a past time is reckoned by its own assignments. Nobody wrote that down before: as now. */
export const assignmentEras: Migration = {
  name: '020-assignment-eras',
  async up(db) {
    await createClusteredTable(db, 'assignment_eras', (t) => {
      t.string('monitor_id', idLength).notNullable();
      t.string('sentinel_id', idLength).notNullable();
      t.bigInteger('from_at').notNullable();
      t.bigInteger('to_at').notNullable();
      t.primary(['monitor_id', 'sentinel_id', 'from_at']);
      t.index(['monitor_id', 'to_at'], 'assignment_eras_by_end');
    });
    await db('assignment_eras').delete(); // of a step that was cut short
    const columns = 'assignment_eras (monitor_id, sentinel_id, from_at, to_at)';
    const chosen = db('monitor_sentinels as s')
      .join('monitors as m', 'm.id', 's.monitor_id')
      .select('m.id', 's.sentinel_id', 'm.created_at', db.raw('?', [unended]));
    await db(db.raw(columns)).insert(chosen);
    const forAll = db('monitors as m')
      .whereNotExists(db('monitor_sentinels as s').whereRaw('s.monitor_id = m.id'))
      .select('m.id', db.raw("''"), 'm.created_at', db.raw('?', [unended]));
    await db(db.raw(columns)).insert(forAll);
  },
};
