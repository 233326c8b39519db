import type { Maintenance, MaintenanceWish } from './api/types.ts';
import { Unfit } from './explain.ts';
import { messages } from './messages/messages.ts';

/* What is filled in of a maintenance becomes what is asked of the server: pure, so that it can be tested. */

const say = messages.maintenance;
export const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Day = (typeof days)[number];
const yearMs = 365 * 86_400_000;

export interface MaintenanceDraft {
  kind: 'once' | 'weekly';
  /** Empty: all. */
  monitorId: string;
  reason: string;
  /** `2026-11-22T10:00`, in the viewer's zone; of a weekly one `02:00`, in the customer's. */
  from: string;
  to: string;
  days: readonly Day[];
  /** `2026-11-22`. */
  firstDay: string;
  /** Empty: for five years. */
  lastDay: string;
}

/** Throws `Unfit` where something is missing. */
export function maintenanceWish(draft: MaintenanceDraft): MaintenanceWish {
  const reason = draft.reason.trim();
  if (reason === '') throw new Unfit(say.reasonMissing);
  const about = { reason, ...(draft.monitorId !== '' && { monitorId: draft.monitorId }) };
  return { ...about, ...(draft.kind === 'once' ? once(draft) : weekly(draft)) };
}

function once({ from, to }: MaintenanceDraft) {
  return { from: instantOf(from), to: instantOf(to) };
}

function weekly({ days, from, to, firstDay, lastDay }: MaintenanceDraft) {
  if (days.length === 0) throw new Unfit(say.dayMissing);
  if (!/^\d\d:\d\d$/.test(from) || !/^\d\d:\d\d$/.test(to)) throw new Unfit(say.timeMissing);
  const begin = instantOf(`${firstDay}T00:00`);
  const end = lastDay === '' ? begin + 5 * yearMs : instantOf(`${lastDay}T00:00`) + 86_400_000;
  return { from: begin, to: end, hours: days.map((day) => `${day} ${from}-${to}`).join(', ') };
}

function instantOf(local: string): number {
  const at = Date.parse(local);
  if (Number.isNaN(at)) throw new Unfit(say.timeMissing);
  return at;
}

/** The same once more, for who takes a removal back. */
export function wishAgain({ monitorId, from, to, hours, reason }: Maintenance): MaintenanceWish {
  return { from, to, reason, ...(monitorId !== null && { monitorId }), ...(hours !== null && { hours }) };
}
