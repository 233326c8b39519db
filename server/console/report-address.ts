/** What report is shown, as the address bar holds it. */
export interface ReportWish {
  template: Template;
  /** `2026-10`, `2026-Q4`, `2026`, or `2026-10-05..2026-10-20`; the last whole month where the address says none. */
  period: string | undefined;
  /** Ids; none: all. */
  monitors: readonly string[];
  hours: 'all' | 'business';
  maintenance: 'included' | 'excluded';
}

export const templates = ['service-level', 'applications', 'locations', 'worst-transactions', 'coverage'] as const;
export type Template = (typeof templates)[number];

/** What makes no sense is the usual, not an error. */
export function readWish(search: string): ReportWish {
  const query = new URLSearchParams(search);
  return {
    template: templates.find((template) => template === query.get('template')) ?? templates[0],
    period: query.get('period') ?? undefined,
    monitors: query.getAll('monitor'),
    hours: query.get('hours') === 'business' ? 'business' : 'all',
    maintenance: query.get('maintenance') === 'excluded' ? 'excluded' : 'included',
  };
}

/** With the question mark; nothing for the usual report. */
export function writeWish({ template, period, monitors, hours, maintenance }: ReportWish): string {
  const query = new URLSearchParams();
  if (template !== templates[0]) query.set('template', template);
  if (period !== undefined) query.set('period', period);
  for (const id of monitors) query.append('monitor', id);
  if (hours !== 'all') query.set('hours', hours);
  if (maintenance !== 'included') query.set('maintenance', maintenance);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
