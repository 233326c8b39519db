import type { AnyNode, Expression, Program, SpreadElement } from 'acorn';
import { type Origin, parseFile } from '../publish/parse.ts';

/** Names and indexes that lead to a field. */
export type Path = readonly PropertyKey[];

/**
 * Where in the text of a configuration a field stands, or else what holds it: found only where it is written out, not
 * where it is made by code.
 */
export function placeIn(file: string, source: string, path: Path): Origin {
  const beginning = { file, line: 1, column: 1 };
  const parsed = parseFile(file, source);
  if (Array.isArray(parsed)) return beginning;
  let at = configIn(parsed.program);
  let found: AnyNode | undefined = at;
  for (const key of path) {
    const [node, value] = below(at, key);
    if (!node) break;
    [found, at] = [node, value];
  }
  return found ? parsed.originOf(found) : beginning;
}

/** What is exported as default, within `defineConfig(…)` if it is. */
function configIn(program: Program): Expression | undefined {
  const exported = program.body.find((node) => node.type === 'ExportDefaultDeclaration')?.declaration;
  if (exported?.type === 'CallExpression') return plain(exported.arguments[0]);
  return exported?.type === 'ObjectExpression' ? exported : undefined;
}

/** The node to point at for a key of this value, and the value below it. */
function below(value: Expression | undefined, key: PropertyKey): [AnyNode?, Expression?] {
  if (value?.type === 'ArrayExpression') {
    const element = plain(value.elements[Number(key)]);
    return element ? [element, element] : [];
  }
  if (value?.type !== 'ObjectExpression') return [];
  const property = value.properties.find((one) => one.type === 'Property' && nameOf(one.key) === key);
  return property?.type === 'Property' ? [property, property.value] : [];
}

function nameOf(key: Expression | { type: 'PrivateIdentifier' }): string | undefined {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : undefined;
}

function plain(node: Expression | SpreadElement | null | undefined): Expression | undefined {
  return node && node.type !== 'SpreadElement' ? node : undefined;
}
