import type { Migration } from '../migrate.ts';
import { firstTables } from './migrations/001-first-tables.ts';
import { retriesDetailsPolicies } from './migrations/002-retries-details-policies.ts';
import { schedulesAndSkips } from './migrations/003-schedules-and-skips.ts';
import { partitions } from './migrations/004-partitions.ts';
import { daysAndExpectedRuns } from './migrations/005-days-and-expected-runs.ts';
import { maintenance } from './migrations/006-maintenance.ts';
import { jobFence } from './migrations/007-job-fence.ts';
import { auditFilters } from './migrations/008-audit-filters.ts';
import { failures } from './migrations/009-failures.ts';
import { authoring } from './migrations/010-authoring.ts';
import { runsBySentinel } from './migrations/011-runs-by-sentinel.ts';
import { tagsAndWeeklyMaintenance } from './migrations/012-tags-and-weekly-maintenance.ts';
import { trials } from './migrations/013-trials.ts';
import { archive } from './migrations/014-archive.ts';
import { targets } from './migrations/015-targets.ts';
import { projects } from './migrations/016-projects.ts';
import { keptHours } from './migrations/017-kept-hours.ts';
import { resultsByRun } from './migrations/018-results-by-run.ts';
import { passedPictures } from './migrations/019-passed-pictures.ts';
import { assignmentEras } from './migrations/020-assignment-eras.ts';
import { detailsWithRuns } from './migrations/021-details-with-runs.ts';
import { runsByStart } from './migrations/022-runs-by-start.ts';

/*
 * The schema of one customer's database. Instants are ms since 1970 in UTC, durations µs, all integers; ids of runs are
 * UUIDv7 as 16 bytes, so that their order is the order of time. Tables that months will be dropped from carry no foreign
 * keys: a partitioned table may not have any.
 */

/** Forward only, each in a file of its own; a released one is never edited. */
export const customerMigrations: readonly Migration[] = [
  firstTables,
  retriesDetailsPolicies,
  schedulesAndSkips,
  partitions,
  daysAndExpectedRuns,
  maintenance,
  jobFence,
  auditFilters,
  failures,
  authoring,
  runsBySentinel,
  tagsAndWeeklyMaintenance,
  trials,
  archive,
  targets,
  projects,
  keptHours,
  resultsByRun,
  passedPictures,
  assignmentEras,
  detailsWithRuns,
  runsByStart,
];
