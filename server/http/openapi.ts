import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { Problem } from '../../sentinel/protocol/messages.ts';
import type { ApiRouter, Content, DeclaredRoute, Documents } from './router.ts';
import { csrfHeader, sessionCookie } from './session-auth.ts';

export interface Described {
  title: string;
  /** Where the routers are mounted. */
  prefix: string;
  routers: readonly ApiRouter[];
}

/** Statuses that say when to ask again. */
const waitingStatuses: readonly string[] = ['429', '503'];
const RetryAfter = z.object({ 'retry-after': z.string().describe('seconds to wait before asking again') });

/** The OpenAPI 3.1 document of these routers: made from the schemas that check the requests. */
export function openApi({ title, prefix, routers }: Described): object {
  const paths: Record<string, Record<string, object>> = {};
  const refusals: Refusals = {};
  for (const route of routers.flatMap((router) => router.declared)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, refusals) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title,
      version: '1',
      description:
        'Instants are milliseconds since 1970 in UTC, durations microseconds, availability and coverage 0 to 1.',
    },
    servers: [{ url: prefix }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
        csrf: { type: 'apiKey', in: 'header', name: csrfHeader },
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of the customer, `vdt_…`; no cookie is looked at',
        },
        apiKey: { type: 'http', scheme: 'bearer', description: "A sentinel's key" },
      },
      responses: {
        Problem: {
          description: 'What went wrong (RFC 9457)',
          content: { 'application/problem+json': { schema: jsonSchema(Problem, 'output') } },
        },
        ...refusals,
      },
    },
  };
}

/** Answers that are no success, by what routes refer to them by: most are those of many. */
type Refusals = Record<string, object>;

function operation({ method, permission, documents }: DeclaredRoute, refusals: Refusals): object {
  const { summary, body, answer, security } = documents;
  return {
    ...(summary && { summary }),
    description: `Permission: ${permission}`,
    ...(security && { security: securityOf(security, method !== 'get') }),
    parameters: [
      ...parameters('path', documents.params),
      ...parameters('query', documents.query),
      ...parameters('header', documents.headers),
    ],
    ...(body && { requestBody: { required: true, content: content(body, 'input') } }),
    responses: {
      [answer?.status ?? 200]: {
        description: summary ?? 'Success',
        ...(documents.answerHeaders && { headers: answerHeaders(documents.answerHeaders) }),
        ...(answer?.content && { content: content(answer.content, 'output') }),
      },
      ...Object.fromEntries(
        Object.entries(documents.others ?? {}).map(([status, codes]) => [status, other(status, codes, refusals)]),
      ),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

/** Each of the ways by itself is enough. */
function securityOf(security: NonNullable<Documents['security']>, changes: boolean): object[] {
  if (security === 'apiKey' || security === 'token') return [{ [security]: [] }];
  const session = { session: [], ...(changes && { csrf: [] }) };
  return security === 'session' ? [session] : [session, { token: [] }];
}

/** An answer that is not the success: a problem with one of `codes`, or no body at all. */
function other(status: string, codes: readonly string[], refusals: Refusals): object {
  if (codes.length === 0) return { description: STATUS_CODES[status] ?? status };
  const name = [status, ...codes.toSorted()].join('.');
  refusals[name] ??= refusal(status, codes.toSorted());
  return { $ref: `#/components/responses/${name}` };
}

function refusal(status: string, codes: readonly string[]): object {
  const schema = jsonSchema(Problem.extend({ code: z.enum(codes) }), 'output');
  return {
    description: codes.join(', '),
    ...(waitingStatuses.includes(status) && { headers: answerHeaders(RetryAfter) }),
    content: { 'application/problem+json': { schema } },
  };
}

function answerHeaders(schema: z.ZodObject): object {
  return Object.fromEntries(
    Object.entries(schema.shape).map(([name, type]) => [name, { schema: jsonSchema(type, 'output') }]),
  );
}

function parameters(place: 'path' | 'query' | 'header', schema: z.ZodObject | undefined): object[] {
  return Object.entries(schema?.shape ?? {}).map(([name, type]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(type, undefined).success,
    schema: jsonSchema(type, place === 'path' ? 'input' : 'output'),
  }));
}

function content({ schema, mediaType }: Content, io: 'input' | 'output'): object {
  return { [mediaType]: { schema: schema ? jsonSchema(schema, io) : { type: 'string', format: 'binary' } } };
}

function jsonSchema(schema: z.core.$ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
  return rest;
}
