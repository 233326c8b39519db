/**
 * Names of the fixtures that a function asks for: those it destructures from its first parameter, as Playwright reads them,
 * from the function's text. Throws if the first parameter is something else.
 */
export function parametersOf(fn: unknown): readonly string[] {
  if (typeof fn !== 'function') return [];
  const known = memory.get(fn);
  if (known) return known;
  const names = read(fn.toString());
  memory.set(fn, names);
  return names;
}

/** Lets a function ask for fixtures by a list of their names, instead of by its text. */
export function asking<F extends object>(names: readonly string[], fn: F): F {
  memory.set(fn, names);
  return fn;
}

const memory = new WeakMap<object, readonly string[]>();

function read(source: string): string[] {
  const text = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/[^\n]*/g, '');
  const first = firstParameter(text);
  if (first === '') return [];
  if (!first.startsWith('{') || !first.endsWith('}'))
    throw new Error(`The first parameter must name the fixtures, as in async ({ page }) => …, not "${first}".`);
  const names = splitTop(first.slice(1, -1)).map((part) => (/^[^=:]*/.exec(part) ?? [''])[0].trim());
  if (names.some((name) => name.startsWith('...')))
    throw new Error('Name the fixtures that are used one by one; "..." cannot tell which they are.');
  return names.filter((name) => name !== '');
}

/** `async function name(FIRST, …)`, `async (FIRST, …) =>`, `async name(FIRST, …)`, or an arrow function with a bare name. */
function firstParameter(text: string): string {
  const bare = /^\s*(?:async\s+)?([\w$]+)\s*=>/.exec(text);
  if (bare?.[1]) return bare[1];
  const open = text.indexOf('(');
  const [first = ''] = splitTop(text.slice(open + 1, closing(text, open)));
  return first.replace(/\s*=\s*\{\s*\}\s*$/, '').trim();
}

/** Index of the bracket that closes the one at `open`. */
function closing(text: string, open: number): number {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if ('({['.includes(text.charAt(i))) depth++;
    if (')}]'.includes(text.charAt(i)) && --depth === 0) return i;
  }
  return text.length;
}

/** Parts between the commas that lie in no bracket. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    const character = text.charAt(i);
    if ('({['.includes(character) && character !== '') depth++;
    if (')}]'.includes(character) && character !== '') depth--;
    if (i < text.length && (character !== ',' || depth > 0)) continue;
    parts.push(text.slice(from, i).trim());
    from = i + 1;
  }
  return parts.filter((part) => part !== '');
}
