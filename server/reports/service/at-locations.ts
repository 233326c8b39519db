import type { Tally } from '../../rollups/tally.ts';
import { type Ground, sumOf, tallies } from './ground.ts';
import { rowOf, tableOf } from './row.ts';
import type { ServiceRow, ServiceTable } from './shapes.ts';

const figures = ['availability', 'coverage', 'passed', 'failed', 'errored', 'p50Us', 'p95Us'] as const;
const gaps = ['expected', 'passed', 'failed', 'errored', 'skipped', 'lost', 'coverage', 'skippedBy'] as const;

/** How it was at each location, of all monitors and of each. */
export async function locations(ground: Ground): Promise<ServiceTable[]> {
  const places = await atPlaces(ground);
  const each = places.map(({ name, rows }) => tableOf('monitorsAtLocation', name, ['monitor', ...figures], rows));
  const all = places.map(({ whole }) => whole);
  return [tableOf('locations', null, ['location', ...figures], all), ...each];
}

/** What was measured of what should have been, and what is known of the rest. */
export async function coverage(ground: Ground): Promise<ServiceTable[]> {
  const { period, hours } = ground;
  const places = await atPlaces(ground);
  const byMonitor: ServiceRow[] = [];
  for (const watched of ground.watched) {
    const tally = await tallies(ground, watched, { transactionIds: [0] });
    byMonitor.push(rowOf(tally(0), { period, hours, monitor: watched.monitor.name }));
  }
  const each = places.map(({ name, rows }) => tableOf('coverageAtLocations', name, ['monitor', ...gaps], rows));
  return [
    tableOf('coverage', null, ['monitor', ...gaps], byMonitor),
    tableOf(
      'locations',
      null,
      ['location', ...gaps],
      places.map(({ whole }) => whole),
    ),
    ...each,
  ];
}

interface Place {
  name: string;
  whole: ServiceRow;
  /** Of each monitor that has anything there. */
  rows: ServiceRow[];
}

/** By location, in the order of their names; those at which there was nothing and nothing expected are left out. */
async function atPlaces(ground: Ground): Promise<Place[]> {
  const { period, hours } = ground;
  const found = new Map<string, { tallies: Tally[]; rows: ServiceRow[] }>();
  for (const watched of ground.watched) {
    const tally = await tallies(ground, watched, { by: 'location', transactionIds: [0] });
    for (const [place, location] of ground.locations) {
      const here = tally(0, { place });
      if (here.counts().expected === 0) continue;
      const at = found.get(place) ?? { tallies: [], rows: [] };
      found.set(place, at);
      at.tallies.push(here);
      at.rows.push(rowOf(here, { period, hours, monitor: watched.monitor.name, location }));
    }
  }
  return [...ground.locations].flatMap(([id, name]) => {
    const at = found.get(id);
    return at ? [{ name, whole: rowOf(sumOf(at.tallies), { period, hours, location: name }), rows: at.rows }] : [];
  });
}
