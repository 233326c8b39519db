import type { AnyNode, Function as FunctionNode, Node, Pattern } from 'acorn';

export type Visit = (node: AnyNode, ancestors: readonly AnyNode[]) => void;

/** Visits a node and everything below it, in the order of the text. `ancestors` ends with the parent. */
export function walk(node: AnyNode, visit: Visit, ancestors: readonly AnyNode[] = []): void {
  visit(node, ancestors);
  const below = [...ancestors, node];
  for (const child of childrenOf(node)) walk(child, visit, below);
}

/** The name after a dot, or the text within brackets; none if it is only known when the script runs. */
export function memberName(node: AnyNode & { type: 'MemberExpression' }): string | undefined {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : undefined;
  return textOf(node.property);
}

/** The text of a string literal, or of a template without gaps. */
export function textOf(node: AnyNode): string | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

export function isFunction(node: Node): node is FunctionNode {
  return functionTypes.has(node.type);
}

const functionTypes: ReadonlySet<string> = new Set([
  'ArrowFunctionExpression',
  'FunctionExpression',
  'FunctionDeclaration',
]);

/** Whether a name means something of a function or block around it, rather than of the whole file. */
export function isLocal(name: string, ancestors: readonly AnyNode[]): boolean {
  return ancestors.some((node) => namesOf(node).includes(name));
}

/** Neither a property's name nor something that a function or block around it declares. */
export function isFree(node: AnyNode & { type: 'Identifier' }, ancestors: readonly AnyNode[]): boolean {
  const parent = ancestors.at(-1);
  const isMember = parent?.type === 'MemberExpression' && parent.property === node && !parent.computed;
  const isKey =
    (parent?.type === 'Property' || parent?.type === 'MethodDefinition') && parent.key === node && !parent.computed;
  return !isMember && !isKey && !isLocal(node.name, ancestors);
}

function namesOf(node: AnyNode): string[] {
  if (isFunction(node)) return node.params.flatMap(boundNames);
  if (node.type === 'CatchClause') return node.param ? boundNames(node.param) : [];
  if (node.type === 'ForStatement') return node.init ? declaredNames(node.init) : [];
  if (node.type === 'ForOfStatement' || node.type === 'ForInStatement') return declaredNames(node.left);
  return node.type === 'BlockStatement' ? node.body.flatMap(declaredNames) : [];
}

function declaredNames(node: AnyNode): string[] {
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => boundNames(id));
  if (node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration') return node.id ? [node.id.name] : [];
  return [];
}

function boundNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((p) => boundNames(p.type === 'RestElement' ? p.argument : p.value));
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
    case 'RestElement':
      return boundNames(pattern.argument);
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    default:
      return []; // a member is assigned to, no name is made
  }
}

function childrenOf(node: AnyNode): AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
