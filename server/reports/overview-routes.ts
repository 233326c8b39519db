import { z } from 'zod';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, answers, newRouter, params } from '../http/router.ts';
import { OverviewAnswer } from './overview-shapes.ts';
import { RecentAnswers } from './recent-answers.ts';
import { Reporter } from './reporter.ts';

/** How old an overview may be (ms): half of the time after which the console asks again. */
const forMs = 5_000;

/** What the console's first page shows; under `/api/v1`. */
export function overviewRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  // By itself, so that no page of one monitor waits for the overview of many.
  const reporter = new Reporter(server);
  const recent = new RecentAnswers<Buffer | undefined>(forMs);

  router.get(
    '/customers/:customerId/overview',
    may(server, 'read'),
    answers('All monitors at all locations over the last 24 hours', OverviewAnswer),
    params(z.object({ customerId: z.string() })),
    async (ctx) => {
      const { customerId } = ctx.state;
      const now = server.now();
      // Of many monitors it is much to read.
      ctx.body = await recent.get(customerId, now, () => reporter.ask(customerId, true, 'overview', now));
      ctx.type = 'application/json';
    },
  );

  return router;
}
