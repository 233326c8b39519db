import type { MonitorRow, MonitorSentinelRow, ScriptRow, SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { MonitorSettingsAnswer, MonitorWish } from '../../scripts-library/publish/deployment.ts';
import { choiceOf } from './choices.ts';
import { policyOf } from './policy.ts';
import { scheduleOf } from './schedules.ts';

type Settings = MonitorSettingsAnswer['monitors'][number];

/** What is set of every monitor that is watched, by name. */
export async function monitorSettings(db: CustomerDb): Promise<Settings[]> {
  const rows = await db<MonitorRow>('monitors').whereNull('retired_at').orderBy('name');
  const scripts = new Map((await db<ScriptRow>('scripts')).map(({ id, name }) => [id, name]));
  const sentinels = new Map((await db<SentinelRow>('sentinels').select('id', 'name')).map((one) => [one.id, one.name]));
  const given = Map.groupBy(await db<MonitorSentinelRow>('monitor_sentinels'), (row) => row.monitor_id);
  return rows.map((row) => {
    const ids = given.get(row.id)?.map(({ sentinel_id }) => sentinels.get(sentinel_id) ?? sentinel_id);
    const chosen = choiceOf(row) ?? (ids && { names: ids.sort() });
    return {
      ...settingsOf(row, scripts.get(row.script_id) ?? '', chosen),
      id: row.id,
      managedBy: row.managed_by,
      project: row.project,
    };
  });
}

/** Names that a monitor is grouped by. */
export function tagsOf({ tags }: Pick<MonitorRow, 'tags'>): string[] {
  return JSON.parse(tags ?? '[]');
}

/** A monitor as a configuration would write it. */
export function settingsOf(row: MonitorRow, script: string, sentinels: MonitorWish['sentinels']): MonitorWish {
  const { everyMs, ...schedule } = scheduleOf(row);
  return {
    ...{ name: row.name, script, paused: row.paused !== 0, timeoutMs: row.timeout_ms },
    ...(schedule.cron === undefined ? { everyMs, ...schedule } : schedule),
    use: JSON.parse(row.use),
    variables: JSON.parse(row.variables),
    secrets: JSON.parse(row.secrets),
    maskSelectors: JSON.parse(row.mask_selectors),
    ...(row.thresholds === null ? {} : { thresholds: JSON.parse(row.thresholds) }),
    ...(sentinels && { sentinels }),
    tags: tagsOf(row),
    policy: policyOf(row),
  };
}
