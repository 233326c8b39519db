import { monthNamed } from '../../db/customer/months.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { refusedAs } from '../http/refused-as.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { CustomerPath } from '../reports/asked.ts';
import { archivePage } from './archive-page.ts';
import { giveBack, wishMonth } from './restore-wish.ts';
import { setArchiveSettings } from './settings.ts';
import { ArchiveAnswer, ArchiveSettingsWish, MonthName, PieceName, RestoreWish } from './shapes.ts';

const refused = refusedAs(400, 'BODY_INVALID');
const MonthPath = CustomerPath.extend({ month: MonthName });

/** A customer's archive and what becomes of its months; under `/api/v1`. */
export function archiveRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const read = may(server, 'read');
  const change = may(server, 'change archive');

  router.get(
    '/customers/:customerId/archive',
    read,
    answers('Months of the archive and of the database, keys and settings', ArchiveAnswer),
    params(CustomerPath),
    async (ctx) => {
      ctx.body = await archivePage(server, ctx.state.customerId);
    },
  );

  router.get(
    '/customers/:customerId/archive/pieces/:piece/manifest',
    read,
    answers('The signed manifest of a month in the archive, or of a supplement', undefined, 'application/json'),
    params(CustomerPath.extend({ piece: PieceName })),
    async (ctx) => {
      const [name = '', part = '0'] = ctx.state.params.piece.split('.');
      const place = { from_at: monthNamed(name).from, part: Number(part) };
      const row = await server.customers.use(ctx.state.customerId, (db) =>
        db<ArchiveMonthRow>('archive_months').where(place).first('manifest'),
      );
      if (!row?.manifest) throw notFound();
      ctx.set('content-disposition', `attachment; filename="${ctx.state.params.piece}-manifest.json"`);
      ctx.type = 'application/json';
      ctx.body = row.manifest;
    },
  );

  router.put(
    '/customers/:customerId/archive/settings',
    change,
    answers('Set how long months stay in the database and in the archive'),
    params(CustomerPath),
    body(ArchiveSettingsWish),
    async (ctx) => {
      const { customerId, input, actor } = ctx.state;
      await setArchiveSettings(server, customerId, input, actor).catch(refused);
      ctx.status = 204;
    },
  );

  router.put(
    '/customers/:customerId/archive/restored/:month',
    change,
    answers('Ask for a month to be brought back beside the live database; it is done within a minute or so'),
    also({ others: { 400: ['BODY_INVALID'] } }),
    params(MonthPath),
    body(RestoreWish),
    async (ctx) => {
      const { customerId, params, input, actor } = ctx.state;
      await wishMonth(server, customerId, monthNamed(params.month), input, actor).catch(refused);
      ctx.status = 204;
    },
  );

  router.delete(
    '/customers/:customerId/archive/restored/:month',
    change,
    answers('Give a restored month back early, or wish it no more'),
    params(MonthPath),
    async (ctx) => {
      const { customerId, params, actor } = ctx.state;
      if (!(await giveBack(server, customerId, monthNamed(params.month), actor))) throw notFound();
      ctx.status = 204;
    },
  );

  return router;
}
