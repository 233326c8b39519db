import { type Period, readPeriod } from './period.ts';

export interface ShownFirst {
  customerId: string;
  monitorId: string;
  period: Period;
}

/** The monitor whose page this address is, and the period it shows; nothing where it is another page's. */
export function monitorShown({ pathname, search }: Pick<Location, 'pathname' | 'search'>): ShownFirst | undefined {
  const [, customerId, monitorId] = /^\/c\/([\w-]+)\/monitors\/([\w-]{36})$/.exec(pathname) ?? [];
  return customerId && monitorId ? { customerId, monitorId, period: readPeriod(search) } : undefined;
}
