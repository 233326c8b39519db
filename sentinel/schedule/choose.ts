import type { Due } from './due.ts';
import type { Prepared } from './prepare.ts';

/** Why a run that is due does not begin: no room, the monitor's own run before it still goes, or its script has not come. */
export type Why = 'room' | 'own run' | 'script';

export interface Choice {
  begin: { due: Due; prepared: Exclude<Prepared, { kind: 'waiting' }> }[];
  wait: { due: Due; why: Why }[];
}

/**
 * Which runs begin now, the first of `overdue` first, and what the others wait for. No monitor has two runs at a time, and
 * no more than `room` begin; what is refused takes no room. `look` is only asked about runs that there is room for.
 */
export function choose(
  overdue: readonly Due[],
  going: ReadonlySet<string>,
  room: number,
  look: (due: Due) => Prepared,
): Choice {
  const choice: Choice = { begin: [], wait: [] };
  let left = room;
  for (const due of overdue) {
    const wait = (why: Why) => void choice.wait.push({ due, why });
    if (going.has(due.assignment.monitorId)) wait('own run');
    else if (left <= 0) wait('room');
    else {
      const prepared = look(due);
      if (prepared.kind === 'waiting') wait('script');
      else choice.begin.push({ due, prepared });
      if (prepared.kind === 'ready') left--;
    }
  }
  return choice;
}

/**
 * How many further runs would disturb none: a run keeps about one processor busy, so there must be an idle one for it. A
 * sentinel without any run begins one however busy the device is, or a device in use would never be heard of.
 */
export function roomFor(going: number, runners: number, idleProcessors: number): number {
  const one = going === 0 ? 1 : 0;
  return Math.max(0, Math.min(runners - going, Math.max(one, Math.floor(idleProcessors))));
}
