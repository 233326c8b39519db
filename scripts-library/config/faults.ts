import { z } from 'zod';
import { nearest } from '../../sentinel/protocol/use-options.ts';
import type { Path } from './place.ts';

/** Something that is wrong with a configuration: where in it, and the sentence that says how to mend it. */
export interface ConfigFault {
  path: Path;
  message: string;
}

/** What zod found, in words that name the field and the value that was most likely meant. */
export function faultsIn(error: z.ZodError, value: unknown, schema: z.ZodType): ConfigFault[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsAt(schema, issue.path);
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: noSuchField(key, known) }));
    }
    return [{ path: issue.path, message: messageOf(issue, valueAt(value, issue.path)) }];
  });
}

/** `monitors[0].schedule.every`. */
export function fieldName(path: Path): string {
  return z.core.toDotPath(path) || 'the configuration';
}

/** `did you mean "Utrecht"?`, or what there is to choose from. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? `there are: ${known.slice(0, 30).join(', ') || 'none'}` : `did you mean "${near}"?`;
}

function noSuchField(key: string, known: readonly string[]): string {
  return `there is no such field; ${suggestion(key, known)}`;
}

function messageOf(issue: z.core.$ZodIssue, given: unknown): string {
  if (given === undefined && issue.code !== 'custom') return 'is missing';
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.join(', ')}${typeof given === 'string' ? `; ${suggestion(given, issue.values.map(String))}` : ''}`;
  if (issue.code === 'custom' && /time zone/.test(issue.message) && typeof given === 'string')
    return `${issue.message}; ${suggestion(given, Intl.supportedValuesOf('timeZone'))}`;
  return issue.message.replace(/^Invalid input: /, 'is wrong: ').replace(/^Too (small|big): /, 'is too $1: ');
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** The fields that a configuration can have at a place. */
function fieldsAt(schema: z.ZodType, path: Path): string[] {
  let at: z.core.$ZodType | undefined = schema;
  for (const key of path) {
    at = bare(at);
    if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodObject) at = at.shape[String(key)];
  }
  at = bare(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function bare(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodOptional ? bare(schema.unwrap()) : schema;
}
