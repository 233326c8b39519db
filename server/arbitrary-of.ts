import fc, { type Arbitrary } from 'fast-check';
import { z } from 'zod';

/* For tests: what a schema asks for, made up. */

interface Shape {
  type?: string;
  $ref?: string;
  $defs?: Record<string, Shape>;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: Shape | boolean;
  propertyNames?: Shape;
  items?: Shape;
  minItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  format?: string;
  pattern?: string;
}

/** Values that have broken programs. */
export const odd: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...['', '0', '-1', '1e309', 'null', '__proto__', 'constructor', "' or 1=1 --", '../../etc/passwd', '\u0000', '%00'],
    ...['💥', '\ud800', 'a\r\nb: c', '=1+1', '\u202e', '*'],
  ),
  fc.constantFrom<unknown>(null, true, -1, 0.5, 2 ** 53, 1e308, [], {}, { ['__proto__']: 1 }, 'x'.repeat(5000)),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.uuid(),
  fc.integer(),
  fc.jsonValue({ maxDepth: 3 }),
);

/** What the schema takes, as far as JSON Schema can tell; in places one of `words`, and now and then something odd. */
export function arbitraryOf(schema: z.ZodType, words: readonly string[]): Arbitrary<unknown> {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape;
  return nearly(whole, { defs: whole.$defs ?? {}, words, depth: 0 });
}

interface Around {
  defs: Record<string, Shape>;
  words: readonly string[];
  depth: number;
}

function nearly(shape: Shape, around: Around): Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: right(shape, around) }, { weight: 1, arbitrary: odd });
}

function right(shape: Shape, { depth, ...rest }: Around): Arbitrary<unknown> {
  const around = { ...rest, depth: depth + 1 };
  if (depth > 8) return fc.constant(null);
  if (shape.$ref) return right(rest.defs[shape.$ref.replace('#/$defs/', '')] ?? {}, around);
  if ('const' in shape) return fc.constant(shape.const);
  if (shape.enum) return fc.constantFrom(...shape.enum);
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices) return fc.oneof(...choices.map((one) => right(one, around)));
  if (shape.allOf) return right(Object.assign({}, ...shape.allOf), around);
  switch (shape.type) {
    case 'string':
      return text(shape, rest.words);
    case 'integer':
    case 'number':
      return number(shape);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(nearly(shape.items ?? {}, around), { minLength: shape.minItems ?? 0, maxLength: 3 });
    case 'object':
      return object(shape, around);
    default:
      return odd;
  }
}

function text(
  { format, minLength = 0, maxLength = 1000, pattern }: Shape,
  words: readonly string[],
): Arbitrary<string> {
  if (format === 'uuid') return fc.oneof(fc.uuid(), word(words));
  if (pattern?.includes('0-9a-f')) return fc.oneof(fc.stringMatching(/^[0-9a-f]{64}$/), word(words));
  const free = fc.string({ unit: 'binary', minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });
  return fc.oneof({ weight: 3, arbitrary: word(words) }, { weight: 1, arbitrary: free });
}

function word(words: readonly string[]): Arbitrary<string> {
  return fc.constantFrom(...words);
}

/** The ends of what is allowed, instants of about now, and what lies between. */
function number({ type, minimum = -(2 ** 53) + 1, maximum = 2 ** 53 - 1 }: Shape): Arbitrary<number> {
  const ends = fc.constantFrom(minimum, maximum, Math.min(Math.max(minimum, 1), maximum));
  const now = Date.now();
  const instants = fc.integer({ min: now - 90 * 86_400_000, max: now + 90 * 86_400_000 });
  const least = Math.ceil(Math.max(minimum, -5));
  const small = fc.integer({ min: least, max: Math.floor(Math.min(maximum, least + 1000)) });
  return type === 'number'
    ? fc.oneof(ends, small, fc.double({ min: minimum, max: maximum, noNaN: true }))
    : fc.oneof(ends, instants, small);
}

function object({ properties = {}, required = [], additionalProperties, propertyNames }: Shape, around: Around) {
  const known = Object.fromEntries(Object.entries(properties).map(([name, shape]) => [name, nearly(shape, around)]));
  const named = fc.record(known, { requiredKeys: required.filter((name) => name in known) });
  if (typeof additionalProperties !== 'object') return named;
  const name = propertyNames ? right(propertyNames, around).map(String) : word(around.words);
  return fc.dictionary(name, nearly(additionalProperties, around), { maxKeys: 3 });
}
