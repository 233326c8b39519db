import { z } from 'zod';
import {
  Deployment,
  DeploymentAnswer,
  MonitorSettingsAnswer,
  RollbackAnswer,
  RollbackWish,
  ScriptsAnswer,
  VersionAnswer,
  VersionsAnswer,
} from '../../scripts-library/publish/deployment.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { asProblem } from './authoring-problems.ts';
import { deploy } from './deploy.ts';
import { monitorSettings } from './monitor-settings.ts';
import { listScripts, listVersions, oneVersion, rollBack } from './script-versions.ts';

const CustomerPath = z.object({ customerId: z.string() });
const ScriptPath = CustomerPath.extend({ script: z.string().min(1).max(300) });
const VersionPath = ScriptPath.extend({ version: z.coerce.number().int().positive() });
const OwnerPath = CustomerPath.extend({ owner: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/) });
const maxDeploymentBytes = 8 * 1024 * 1024;
const refusals = also({
  others: { 404: ['NOT_FOUND'], 409: ['PLAN_OUTDATED'], 422: ['REFUSED', 'SCRIPT_REFUSED'], 429: ['BUSY'] },
});

/** What authors do with scripts and monitors; under `/api/v1`. */
export function authoringRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const read = may(server, 'read');
  const change = may(server, 'change monitors');

  router.put(
    '/customers/:customerId/deployments/:owner',
    change,
    answers(
      'Bring scripts and monitors to what a configuration says, or tell what that would change',
      DeploymentAnswer,
    ),
    params(OwnerPath),
    body(Deployment, { maxBytes: maxDeploymentBytes }),
    refusals,
    async (ctx) => {
      const { actor, customerId, params, input } = ctx.state;
      const asked = deploy(server, customerId, params.owner, input, actor);
      ctx.body = (await asked.catch(asProblem)) satisfies DeploymentAnswer;
      ctx.changesNothing = input.dryRun;
    },
  );

  router.get(
    '/customers/:customerId/monitor-settings',
    change,
    answers('What is set of every monitor', MonitorSettingsAnswer),
    params(CustomerPath),
    async (ctx) => {
      const monitors = await server.customers.use(ctx.state.customerId, monitorSettings);
      ctx.body = { monitors } satisfies MonitorSettingsAnswer;
    },
  );

  router.get(
    '/customers/:customerId/scripts',
    read,
    answers('Published scripts', ScriptsAnswer),
    params(CustomerPath),
    async (ctx) => {
      const scripts = await server.customers.use(ctx.state.customerId, listScripts);
      ctx.body = { scripts } satisfies ScriptsAnswer;
    },
  );

  router.get(
    '/customers/:customerId/scripts/:script/versions',
    read,
    answers('Versions of a script, the newest first', VersionsAnswer),
    params(ScriptPath),
    async (ctx) => {
      const { customerId, params } = ctx.state;
      const versions = await server.customers.use(customerId, (db) => listVersions(db, params.script));
      if (!versions) throw notFound();
      ctx.body = { versions } satisfies VersionsAnswer;
    },
  );

  router.get(
    '/customers/:customerId/scripts/:script/versions/:version',
    read,
    answers('A version of a script with what its author wrote', VersionAnswer),
    params(VersionPath),
    async (ctx) => {
      const { customerId, params } = ctx.state;
      const found = await server.customers.use(customerId, (db) => oneVersion(db, params.script, params.version));
      if (!found) throw notFound();
      ctx.body = found satisfies VersionAnswer;
    },
  );

  router.post(
    '/customers/:customerId/scripts/:script/rollback',
    change,
    answers('Publish an earlier version as the newest one', RollbackAnswer),
    params(ScriptPath),
    body(RollbackWish),
    refusals,
    async (ctx) => {
      const { actor, customerId, params, input } = ctx.state;
      const done = await rollBack(server, customerId, params.script, input, actor).catch(asProblem);
      if (!done) throw notFound();
      ctx.body = done satisfies RollbackAnswer;
    },
  );

  return router;
}
