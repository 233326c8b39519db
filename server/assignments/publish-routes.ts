import { z } from 'zod';
import { ScriptRefused } from '../../scripts-library/publish/bundle.ts';
import { ScriptWish } from '../../scripts-library/publish/deployment.ts';
import { faultCodes } from '../../scripts-library/publish/faults.ts';
import { body } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { asProblem } from './authoring-problems.ts';
import { fromFiles } from './prepare-script.ts';
import { neededOf, publish } from './publish.ts';
import { templates } from './templates.ts';

const CustomerPath = z.object({ customerId: z.string() });
/** As its author wrote it, for the server to sign. */
export const Draft = ScriptWish.omit({ signed: true });
export const maxDraftBytes = 4 * 1024 * 1024;

const PublishWish = Draft.extend({ message: z.string().max(500).optional() });

const PublishAnswer = z.object({
  script: z.string(),
  version: z.int(),
  sha256: z.string(),
  hosts: z.array(z.string()),
  secrets: z.array(z.string()),
  /** The newest version was this already, and stays. */
  unchanged: z.boolean(),
});

const CheckAnswer = z.object({
  /** In the order of the files' lines; none: it can be published. */
  faults: z.array(
    z.object({
      file: z.string(),
      /** Both from 1. */
      line: z.int(),
      column: z.int(),
      code: z.enum(faultCodes),
      message: z.string(),
    }),
  ),
  /** What it asks for, if it can be published; of secrets those that it has no value for itself. */
  hosts: z.array(z.string()),
  secrets: z.array(z.string()),
});

const TemplatesAnswer = z.object({
  templates: z.array(
    z.object({ name: z.string(), title: z.string(), path: z.string(), files: z.record(z.string(), z.string()) }),
  ),
});

/** How a script is published from its text; under `/api/v1`. */
export function publishRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const change = may(server, 'change monitors');

  router.post(
    '/customers/:customerId/script-checks',
    change,
    answers('What publishing would say of a script; nothing is kept', CheckAnswer),
    params(CustomerPath),
    body(Draft, { maxBytes: maxDraftBytes }),
    also({ others: { 422: ['REFUSED'], 429: ['BUSY'] } }),
    async (ctx) => {
      ctx.body = (await check(ctx.state.input).catch(asProblem)) satisfies z.infer<typeof CheckAnswer>;
    },
  );

  router.get(
    '/customers/:customerId/script-templates',
    change,
    answers('Flows of the library, to begin a script with', TemplatesAnswer),
    params(CustomerPath),
    async (ctx) => {
      ctx.body = { templates: await templates() } satisfies z.infer<typeof TemplatesAnswer>;
    },
  );

  router.post(
    '/customers/:customerId/scripts',
    change,
    answers('Publish a script: its monitors run it from then on', PublishAnswer),
    params(CustomerPath),
    body(PublishWish, { maxBytes: maxDraftBytes }),
    also({ others: { 422: ['REFUSED', 'SCRIPT_REFUSED'], 429: ['BUSY'] } }),
    async (ctx) => {
      const { actor, customerId, input } = ctx.state;
      const { message, hosts, ...script } = input;
      const asked = publish(server, customerId, { script, hosts, author: actor.name, actor, message });
      ctx.body = (await asked.catch(asProblem)) satisfies z.infer<typeof PublishAnswer>;
    },
  );

  return router;
}

async function check(draft: z.output<typeof Draft>): Promise<z.infer<typeof CheckAnswer>> {
  try {
    const found = await fromFiles(draft);
    return { faults: [], hosts: found.hosts, secrets: neededOf(found) };
  } catch (error) {
    if (error instanceof ScriptRefused) return { faults: [...error.faults], hosts: [], secrets: [] };
    throw error;
  }
}
