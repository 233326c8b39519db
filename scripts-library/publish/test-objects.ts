import type { AnyNode, Expression, ModuleDeclaration, Program, Statement } from 'acorn';
import { isRelative } from './import-rules.ts';
import { playwrightTest, understoodFixtures } from './understood.ts';
import { isLocal, memberName, walk } from './walk.ts';

/** Playwright's `test`, or what a file made of it with `test.extend`. */
export interface TestObject {
  /** Names of its fixtures; none if they are declared in another file, or not written out. */
  fixtures: ReadonlySet<string> | undefined;
}

/** A place where a test object is used: `test.describe.only(…)` is the path ['describe', 'only'] and a call. */
export interface TestUse {
  test: TestObject;
  /** A member that is only known when the script runs is undefined. */
  path: readonly (string | undefined)[];
  /** The outermost node of the path. */
  node: AnyNode;
  call?: AnyNode & { type: 'CallExpression' };
}

/** Every use of a test object in a file. */
export function testUses(program: Program): TestUse[] {
  const named = namedTests(program);
  const uses: TestUse[] = [];
  walk(program, (node, ancestors) => {
    const test = testAt(node, named);
    if (!test || isDeclaration(node, ancestors) || (node.type === 'Identifier' && isLocal(node.name, ancestors)))
      return;
    uses.push(followed(test, node, ancestors));
  });
  return uses;
}

/** The names that stand for a test object in the whole file, and those that stand for `mergeTests`. */
interface Named {
  tests: Map<string, TestObject>;
  mergers: Set<string>;
}

function namedTests({ body }: Program): Named {
  const named: Named = { tests: new Map(), mergers: new Set() };
  for (const statement of body) {
    if (statement.type === 'ImportDeclaration') addImported(named, statement);
    for (const { id, init } of declarators(statement)) {
      const test = init && testAt(init, named);
      if (test && id.type === 'Identifier') named.tests.set(id.name, test);
    }
  }
  return named;
}

function addImported(
  { tests, mergers }: Named,
  { source, specifiers }: ModuleDeclaration & { type: 'ImportDeclaration' },
): void {
  const fromPlaywright = source.value === playwrightTest;
  if (!fromPlaywright && !isRelative(String(source.value))) return;
  for (const specifier of specifiers) {
    const name =
      specifier.type === 'ImportSpecifier' && specifier.imported.type === 'Identifier'
        ? specifier.imported.name
        : undefined;
    if (fromPlaywright && name === 'mergeTests') mergers.add(specifier.local.name);
    const isDefault = fromPlaywright && specifier.type === 'ImportDefaultSpecifier';
    if (name !== 'test' && !isDefault) continue;
    tests.set(specifier.local.name, { fixtures: fromPlaywright ? understoodFixtures : undefined });
  }
}

function declarators(statement: Statement | ModuleDeclaration) {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  return declaration?.type === 'VariableDeclaration' ? declaration.declarations : [];
}

function testAt(node: AnyNode, named: Named): TestObject | undefined {
  if (node.type === 'Identifier') return named.tests.get(node.name);
  if (node.type !== 'CallExpression') return undefined;
  if (node.callee.type === 'Identifier' && named.mergers.has(node.callee.name)) return merged(node.arguments, named);
  if (node.callee.type !== 'MemberExpression') return undefined;
  if (memberName(node.callee) !== 'extend') return undefined;
  const base = testAt(node.callee.object, named);
  return base && { fixtures: extended(base.fixtures, node.arguments[0]) };
}

function merged(nodes: readonly AnyNode[], named: Named): TestObject {
  const all = nodes.map((node) => testAt(node, named)?.fixtures);
  return { fixtures: all.reduce((union, fixtures) => union && fixtures && union.union(fixtures), new Set<string>()) };
}

function extended(
  base: ReadonlySet<string> | undefined,
  own: Expression | AnyNode | undefined,
): ReadonlySet<string> | undefined {
  const names = own && writtenKeys(own);
  return base && names && base.union(new Set(names));
}

/** The keys of an object that is written out in full, else undefined. */
function writtenKeys(node: AnyNode): string[] | undefined {
  if (node.type !== 'ObjectExpression') return undefined;
  const keys = node.properties.map((property) => {
    if (property.type === 'SpreadElement' || property.computed) return undefined;
    return property.key.type === 'Identifier' ? property.key.name : String((property.key as { value?: unknown }).value);
  });
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

function followed(test: TestObject, start: AnyNode, ancestors: readonly AnyNode[]): TestUse {
  const path: (string | undefined)[] = [];
  let node = start;
  for (const parent of ancestors.toReversed()) {
    if (parent.type === 'CallExpression' && parent.callee === node) return { test, path, node, call: parent };
    if (parent.type !== 'MemberExpression' || parent.object !== node) break;
    path.push(memberName(parent));
    node = parent;
  }
  return { test, path, node };
}

/** The name where it is made, or a name after a dot or before a colon: no use of the object. */
function isDeclaration(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  const parent = ancestors.at(-1);
  switch (parent?.type) {
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ExportSpecifier':
      return true;
    case 'VariableDeclarator':
      return parent.id === node;
    case 'MemberExpression':
      return parent.property === node && !parent.computed;
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return parent.key === node && !parent.computed;
    default:
      return false;
  }
}
