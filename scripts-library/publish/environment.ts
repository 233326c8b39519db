import type { AnyNode, Program } from 'acorn';
import type { Finding } from './findings.ts';
import { isFree, isLocal, memberName, textOf, walk } from './walk.ts';

export interface Environment {
  /** Names read as `process.env.NAME`, sorted. */
  secrets: string[];
  findings: Finding[];
}

/** The secrets and variables that a script reads. Their names must be written out: the sentinel hands out those alone. */
export function environment(program: Program): Environment {
  const secrets = new Set<string>();
  const findings: Finding[] = [];
  walk(program, (node, ancestors) => {
    if (isHandedOn(node, ancestors)) findings.push({ node, code: 'ENVIRONMENT', message });
    if (!isEnv(node) || isLocal('process', ancestors)) return;
    const names = namesRead(node, ancestors);
    if (!names) findings.push({ node, code: 'ENVIRONMENT', message });
    for (const name of names ?? []) secrets.add(name);
  });
  return { secrets: [...secrets].sort(), findings };
}

const message =
  'Write the name of each secret out, as in process.env.SHOP_PASSWORD: a sentinel hands out those names alone.';

/** `process.env`, also as `globalThis.process.env`. */
function isEnv(node: AnyNode): boolean {
  if (node.type !== 'MemberExpression' || memberName(node) !== 'env') return false;
  const { object } = node;
  if (object.type === 'Identifier') return object.name === 'process';
  return object.type === 'MemberExpression' && memberName(object) === 'process';
}

/** `process` as a value, as in `const { env } = process`: from there on nobody can tell what is read of it. */
function isHandedOn(node: AnyNode, ancestors: readonly AnyNode[]): boolean {
  if (node.type !== 'Identifier' || node.name !== 'process' || !isFree(node, ancestors)) return false;
  const parent = ancestors.at(-1);
  if (parent?.type === 'VariableDeclarator') return parent.init === node;
  return parent?.type !== 'MemberExpression' && !(parent?.type === 'UnaryExpression' && parent.operator === 'typeof');
}

function namesRead(env: AnyNode, ancestors: readonly AnyNode[]): string[] | undefined {
  const parent = ancestors.findLast((node) => node.type !== 'ChainExpression');
  if (parent?.type === 'MemberExpression' && parent.object === env) {
    const name = memberName(parent);
    return name === undefined ? undefined : [name];
  }
  if (parent?.type !== 'VariableDeclarator' || parent.id.type !== 'ObjectPattern') return undefined;
  const names = parent.id.properties.map((property) => {
    if (property.type === 'RestElement') return undefined;
    return property.key.type === 'Identifier' && !property.computed ? property.key.name : textOf(property.key);
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}
