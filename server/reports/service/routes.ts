import { z } from 'zod';
import type { CustomerId } from '../../../db/customers.ts';
import type { CustomerRow } from '../../../db/registry/rows.ts';
import { Uuid } from '../../../sentinel/protocol/messages.ts';
import { audit } from '../../audit/audit.ts';
import type { ServerContext } from '../../http/context.ts';
import { may } from '../../http/may.ts';
import { type ApiRouter, also, answers, newRouter, params, query } from '../../http/router.ts';
import { answer, answered, CustomerPath } from '../asked.ts';
import { severalOf } from '../query-parts.ts';
import { Reporter } from '../reporter.ts';
import { readDates } from './calendar-period.ts';
import { exporter, Format } from './export/exporter.ts';
import { Hours, ServiceReport, Template } from './shapes.ts';

const ReportQuery = z.object({
  template: Template.default('service-level'),
  /** `2026-10`, `2026-Q4`, `2026`, or `2026-10-05..2026-10-20` with both days; the last whole month unless said. */
  period: z
    .string()
    .refine((text) => readDates(text) !== undefined, {
      error: 'must be as in 2026-10, 2026-Q4, 2026 or 2026-10-05..2026-10-20, of at most three years',
    })
    .optional(),
  /** Ids; all unless said. */
  monitor: severalOf(Uuid).optional(),
  hours: Hours.default('all'),
  maintenance: z.enum(['included', 'excluded']).default('included'),
});
const ExportQuery = ReportQuery.extend({ format: Format.default('json') });

/** Reports for a service manager, to read and to take away; under `/api/v1`. */
export function serviceReportRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const read = may(server, 'read');
  // By itself, so that no page waits for a year of all monitors.
  const reporter = new Reporter(server);
  const make = exporter(server);

  const ask = async (customerId: CustomerId, { monitor, ...asked }: z.output<typeof ReportQuery>) => {
    const row = await server.registry<CustomerRow>('customers').where({ id: customerId }).first('name');
    const question = { ...asked, monitors: monitor, customer: row?.name ?? '' };
    return reporter.ask(customerId, true, 'serviceReport', question, server.now());
  };

  router.get(
    '/customers/:customerId/service-report',
    read,
    answers('A report for a service manager: some tables of figures, and the targets they met', ServiceReport),
    params(CustomerPath),
    query(ReportQuery),
    (ctx) => answer(ctx, ask(ctx.state.customerId, ctx.state.query)),
  );

  router.get(
    '/customers/:customerId/service-report/export',
    read,
    answers('The same as a file', undefined, 'application/octet-stream'),
    also({ others: { 429: ['BUSY'], 503: ['NO_BROWSER', 'PRINT_FAILED'] } }),
    params(CustomerPath),
    query(ExportQuery),
    async (ctx) => {
      const { actor, customerId, query } = ctx.state;
      const { format, ...asked } = query;
      const now = server.now();
      const report = ServiceReport.parse(JSON.parse((await answered(ask(customerId, asked))).toString()));
      const file = await make(customerId, format, { report, generatedAt: now });
      const { template, calendarPeriod } = report;
      const entry = { at: now, actor, subject: file.name, detail: { template, period: calendarPeriod, format } };
      await server.customers.use(customerId, (db) => audit(db, { ...entry, action: 'report-exported' }));
      ctx.attachment(file.name);
      ctx.type = file.mediaType;
      ctx.set('cache-control', 'no-store');
      ctx.body = file.content;
    },
  );

  return router;
}
