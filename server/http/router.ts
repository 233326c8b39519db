import Router, { type RouterMiddleware } from '@koa/router';
import type { Next, ParameterizedContext } from 'koa';
import { z } from 'zod';
import type { Limits } from './limits.ts';
import type { Permission } from './permissions.ts';
import { HttpProblem, notFound } from './problem.ts';

/*
 * Routes are lists of steps: who may ask, what shape the question has, what is done. Each step adds to `ctx.state`, the
 * types follow, and steps that know a schema carry it along, so that the OpenAPI document is made from what is checked.
 * The first says who may: a route without a permission is no route, and doesn't compile.
 */

export type RouteContext<State> = ParameterizedContext<
  State,
  {
    params: Record<string, string>;
    limits: Limits;
    route: DeclaredRoute;
    /**
     * Of whoever was let in: refuses those who would not be any more. To be asked once a body is there that took its time;
     * limits of requests count nothing then.
     */
    recheck?: () => Promise<unknown>;
    /** Said by a route that usually changes something, of a question that did not: what it shows is written down then. */
    changesNothing?: boolean;
  }
>;

/** One step of a route. `documents` is what it contributes to the OpenAPI document. */
export interface Step<State> {
  (ctx: RouteContext<State>, next: Next): unknown;
  documents?: Documents;
}

/** The step that lets in whoever has the permission. */
export interface Entrance<State> extends Step<State> {
  permission: Permission;
}

export interface Documents {
  summary?: string;
  answer?: { status: number; content: Content | undefined };
  body?: Content;
  query?: z.ZodObject;
  params?: z.ZodObject;
  security?: 'session' | 'sessionOrToken' | 'token' | 'apiKey';
  /** Headers of the question, and of the answer that is a success. */
  headers?: z.ZodObject;
  answerHeaders?: z.ZodObject;
  /** The other answers by status, with the codes of the problem; none for one without a body. */
  others?: Readonly<Record<number, readonly string[]>>;
}

/** Without a schema it is a file. */
export interface Content {
  schema?: z.ZodType | undefined;
  mediaType: string;
}

type Verb = {
  <A>(path: string, who: Entrance<A>, last: Step<A>): void;
  <A, B>(path: string, who: Entrance<A>, b: Step<B>, last: Step<A & B>): void;
  <A, B, C>(path: string, who: Entrance<A>, b: Step<B>, c: Step<C>, last: Step<A & B & C>): void;
  <A, B, C, D>(path: string, who: Entrance<A>, b: Step<B>, c: Step<C>, d: Step<D>, last: Step<A & B & C & D>): void;
  <A, B, C, D, E>(
    path: string,
    who: Entrance<A>,
    b: Step<B>,
    c: Step<C>,
    d: Step<D>,
    e: Step<E>,
    last: Step<A & B & C & D & E>,
  ): void;
};

export interface DeclaredRoute {
  method: Method;
  /** In Koa's form: `/customers/:customerId`. */
  path: string;
  permission: Permission;
  documents: Documents;
}

type Method = 'get' | 'post' | 'put' | 'delete';

export interface ApiRouter extends Record<Method, Verb> {
  readonly router: Router;
  readonly declared: readonly DeclaredRoute[];
}

/** What is refused to a page of another site, where a change is asked of a session. */
const otherSites = { 403: ['CSRF', 'OTHER_SITE'] };

/** An empty router. Paths are relative to where `app.ts` mounts it. */
export function newRouter(): ApiRouter {
  const router = new Router();
  const declared: DeclaredRoute[] = [];
  const verb =
    (method: Method): Verb =>
    (path: string, who: Entrance<never>, ...more: readonly Step<never>[]) => {
      const takesNothing = method === 'get' && isOfConsole(who) && !more.some(({ documents }) => documents?.query);
      const steps = [who, ...(takesNothing ? [noQuery] : []), ...more];
      const said = steps.map((step) => step.documents ?? {});
      const isBySession = method !== 'get' && said.some(({ security }) => security?.startsWith('session'));
      const documents = together([...said, isBySession ? { others: otherSites } : {}]);
      const route = { method, path, permission: who.permission, documents };
      declared.push(route);
      const begin: Step<unknown> = (ctx, next) => {
        ctx.route = route;
        return next();
      };
      // The types of the steps were checked against each other by `Verb`; Koa can't express them.
      router[method](path, ...([begin, ...steps] as unknown as RouterMiddleware[]));
    };
  return { router, declared, get: verb('get'), post: verb('post'), put: verb('put'), delete: verb('delete') };
}

/** For users and tokens; sentinels may be of a later version, and what is public is asked for by anything. */
function isOfConsole({ documents }: Step<never>): boolean {
  return documents?.security !== undefined && documents.security !== 'apiKey';
}

/**
 * Tells the OpenAPI document what the route is for and what it answers: JSON of `schema`, else a file of `mediaType`,
 * else nothing (204). Does nothing else.
 */
export function answers(summary: string, schema?: z.ZodType, mediaType?: string): Step<unknown> {
  const content = schema || mediaType ? { schema, mediaType: mediaType ?? 'application/json' } : undefined;
  return documented((_ctx, next) => next(), { summary, answer: { status: content ? 200 : 204, content } });
}

/** Tells the OpenAPI document of more than the question and the answer that is a success. Does nothing else. */
export function also(documents: Pick<Documents, 'headers' | 'answerHeaders' | 'others'>): Step<unknown> {
  return documented((_ctx, next) => next(), documents);
}

/** Checks the names in the path. One that can't exist doesn't exist: 404. */
export function params<S extends z.ZodObject>(schema: S): Step<{ params: z.output<S> }> {
  return documented(
    (ctx, next) => {
      const parsed = schema.safeParse(ctx.params);
      if (!parsed.success) throw notFound();
      ctx.state.params = parsed.data;
      return next();
    },
    { params: schema, others: { 404: ['NOT_FOUND'] } },
  );
}

/**
 * Checks the query string, whose values come as text: `z.coerce.number()` and the like. 400 `QUERY_INVALID`, also for what is
 * not asked for: figures of a misspelt time zone's parameter would be those of another zone.
 */
export function query<S extends z.ZodObject>(schema: S): Step<{ query: z.output<S> }> {
  const known = schema.strict();
  const names = Object.keys(schema.shape).join(', ');
  const unknown = names === '' ? 'there are no parameters' : `there is no such parameter; there are ${names}`;
  return documented(
    (ctx, next) => {
      const parsed = known.safeParse(ctx.query);
      if (!parsed.success) throw new HttpProblem(400, 'QUERY_INVALID', faults(parsed.error, unknown));
      ctx.state.query = parsed.data as z.output<S>;
      return next();
    },
    { query: schema, others: { 400: ['QUERY_INVALID'] } },
  );
}

const noQuery = query(z.object({}));

export function documented<State>(step: Step<State>, documents: Documents): Step<State> {
  return Object.assign(step, { documents });
}

/** A step that lets in whoever has the permission. */
export function entrance<State>(permission: Permission, step: Step<State>, documents: Documents = {}): Entrance<State> {
  return Object.assign(documented(step, documents), { permission });
}

/** Lets everybody in. */
export const anybody: Entrance<unknown> = entrance('come in', (_ctx, next) => next());

/** Headers and problems add up; all else only one step of a route contributes. */
function together(all: readonly Documents[]): Documents {
  const others: Record<string, string[]> = {};
  for (const [status, codes] of all.flatMap((one) => Object.entries(one.others ?? {}))) {
    others[status] = [...new Set([...(others[status] ?? []), ...codes])];
  }
  const headers = z.object(Object.assign({}, ...all.map((one) => one.headers?.shape)));
  return { ...Object.assign({}, ...all), headers, others };
}

/** What is wrong with a value, at most five things, each with its place: `runs[0].id: must be a UUID`. */
export function faults(error: z.ZodError, unknown = 'there is no such field'): string {
  const all = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return `${z.core.toDotPath(issue.path) || 'the whole'}: ${issue.message}`;
    return issue.keys.map((key) => `${z.core.toDotPath([...issue.path, key])}: ${unknown}`);
  });
  const more = all.length - 5;
  return all.slice(0, 5).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
