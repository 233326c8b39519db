import { z } from 'zod';

/*
 * zod is asked for each value of each run by a call of its own, and takes longer over it than the database over its rows.
 * What a schema says of plain data is written out here as one function of plain comparisons, made from the schema itself,
 * so that there is no second declaration. What it doesn't know how to write it leaves to zod, in its place.
 */

/** A value as it was read: without what the schema does not know, its keys in the order of their letters, absent ones undefined. */
export interface Quick<T> {
  value: T;
  /** Whether the schema knows all that was there. */
  isAll: boolean;
}

/**
 * Reads plain data as `schema` does, several times as fast; undefined where the schema refuses, which then says why.
 */
export function quickReader<S extends z.ZodType>(schema: S): (value: unknown) => Quick<z.output<S>> | undefined {
  const writer = new Writer();
  const read = writer.reader(schema);
  const names = writer.constants.map((_, i) => `c${i}`);
  const main = `return (v) => { isAll = true; const value = ${read}(v); return value === undefined ? undefined : { value, isAll }; };`;
  // As zod itself does for its objects. The text is made of the schema alone, never of a message.
  return new Function(...names, ['let isAll;', ...writer.functions, main].join('\n'))(...writer.constants);
}

class Writer {
  readonly functions: string[] = [];
  /** What the text names as c0, c1 …: regular expressions, sets, schemas. */
  readonly constants: unknown[] = [];

  /** The name of a function that gives the value as it is read, or undefined. */
  reader(schema: z.core.$ZodType): string {
    const name = `read${this.functions.length}`;
    this.functions.push('');
    this.functions[Number(name.slice(4))] = `function ${name}(v) { ${this.#body(schema)} }`;
    return name;
  }

  #body(schema: z.core.$ZodType): string {
    if (schema instanceof z.ZodObject && isPlain(schema)) return this.#object(schema);
    if (schema instanceof z.ZodArray) return this.#array(schema) ?? this.#byZod(schema);
    const condition = this.#condition(schema);
    return condition === undefined ? this.#byZod(schema) : `return ${condition} ? v : undefined;`;
  }

  #object(schema: z.ZodObject): string {
    const lines = ["if (typeof v !== 'object' || v === null || Array.isArray(v)) return undefined; let known = 0;"];
    const fields = Object.entries(schema.shape).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [i, [key, field]] of fields.entries()) {
      const isOptional = field instanceof z.ZodOptional;
      const check = `${this.#field(isOptional ? field.def.innerType : field, `f${i}`)} known++;`;
      lines.push(
        `let f${i} = v[${JSON.stringify(key)}];`,
        isOptional ? `if (f${i} !== undefined) { ${check} }` : check,
      );
    }
    const out = fields.map(([key], i) => `${JSON.stringify(key)}: f${i}`);
    // Counted, which is quicker than to look for strange ones.
    lines.push('for (const _ in v) known--;', 'if (known !== 0) isAll = false;', `return { ${out} };`);
    return lines.join('\n');
  }

  #field(schema: z.core.$ZodType, v: string): string {
    const condition = this.#condition(schema, v);
    if (condition !== undefined) return `if (!(${condition})) return undefined;`;
    return `if ((${v} = ${this.reader(schema)}(${v})) === undefined) return undefined;`;
  }

  #array(schema: z.ZodArray): string | undefined {
    const sizes = checksOf(schema).map((check) => sizeCondition(check, 'v'));
    if (!sizes.every((size) => size !== undefined)) return undefined;
    const item = this.reader(schema.element);
    return `if (!(${['Array.isArray(v)', ...sizes].join(' && ')})) return undefined;
      const out = new Array(v.length);
      for (let i = 0; i < v.length; i++) if ((out[i] = ${item}(v[i])) === undefined) return undefined;
      return out;`;
  }

  /** What must hold of a value that is taken as it is; undefined if that can't be said so. */
  #condition(schema: z.core.$ZodType, v = 'v'): string | undefined {
    if (schema instanceof z.ZodBoolean && isPlain(schema)) return `typeof ${v} === 'boolean'`;
    if (schema instanceof z.ZodEnum && isPlain(schema))
      return `${this.#constant(new Set(Object.values(schema.def.entries)))}.has(${v})`;
    const conditions = typeConditions(schema, v);
    if (!conditions) return undefined;
    for (const check of checksOf(schema)) {
      const condition = sizeCondition(check, v) ?? valueCondition(check, v) ?? this.#pattern(check, v);
      if (condition === undefined) return undefined;
      conditions.push(condition);
    }
    return conditions.join(' && ');
  }

  #pattern(check: Check, v: string): string | undefined {
    if (check.check !== 'string_format' || check.format !== 'regex' || !check.pattern) return undefined;
    return check.pattern.global || check.pattern.sticky ? undefined : `${this.#constant(check.pattern)}.test(${v})`;
  }

  #byZod(schema: z.core.$ZodType): string {
    const name = this.#constant(schema);
    return `isAll = false; const read = ${name}.safeParse(v); return read.success ? read.data : undefined;`;
  }

  #constant(value: unknown): string {
    return `c${this.constants.push(value) - 1}`;
  }
}

/** As far as it is looked at here. */
interface Check {
  check: string;
  format?: string;
  pattern?: RegExp;
  minimum?: number;
  maximum?: number;
  value?: number | bigint | Date;
  inclusive?: boolean;
}

function checksOf(schema: z.core.$ZodType): Check[] {
  return (schema._zod.def.checks ?? []).map((check) => check._zod.def as Check);
}

/** Nothing is asked of it, or done to it, beside what its type says. */
function isPlain(schema: z.core.$ZodType): boolean {
  const { catchall, coerce } = schema._zod.def as { catchall?: unknown; coerce?: boolean };
  return checksOf(schema).length === 0 && catchall === undefined && !coerce;
}

function typeConditions(schema: z.core.$ZodType, v: string): string[] | undefined {
  const { type, format, coerce } = schema._zod.def as { type: string; format?: string; coerce?: boolean };
  const known = {
    string: `typeof ${v} === 'string'`,
    number: `Number.isFinite(${v})`,
    'number safeint': `Number.isSafeInteger(${v})`,
  };
  const condition = known[(format === undefined ? type : `${type} ${format}`) as keyof typeof known];
  return condition === undefined || coerce ? undefined : [condition];
}

function sizeCondition({ check, minimum, maximum }: Check, v: string): string | undefined {
  if (check === 'min_length') return `${v}.length >= ${minimum}`;
  return check === 'max_length' ? `${v}.length <= ${maximum}` : undefined;
}

function valueCondition({ check, value, inclusive }: Check, v: string): string | undefined {
  const sign = { greater_than: '>', less_than: '<' }[check];
  return sign && typeof value === 'number' ? `${v} ${sign}${inclusive ? '=' : ''} ${value}` : undefined;
}
