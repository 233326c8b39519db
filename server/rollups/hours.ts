export const hourMs = 3_600_000;

/** The instant at which the hour (of UTC) of `at` began. */
export function hourOf(at: number): number {
  return Math.floor(at / hourMs) * hourMs;
}

/** Hours of a monitor, each at all of some sentinels. */
export interface HoursAt {
  monitor_id: string;
  /** Their beginnings, ms; of a day or so. */
  hours: readonly number[];
  sentinels: ReadonlySet<string>;
}

/** Hours put together by their sentinels, so that a statement does for many; those without any are left out. */
export function ofSameSentinels<Hour extends Pick<HoursAt, 'sentinels'>>(
  hours: readonly Hour[],
): { sentinels: HoursAt['sentinels']; hours: Hour[] }[] {
  const groups = new Map<string, { sentinels: HoursAt['sentinels']; hours: Hour[] }>();
  for (const hour of hours) {
    const { sentinels } = hour;
    const name = [...sentinels].sort().join();
    const group = groups.get(name) ?? { sentinels, hours: [] };
    group.hours.push(hour);
    if (sentinels.size > 0) groups.set(name, group);
  }
  return [...groups.values()];
}
