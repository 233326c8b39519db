import type { AnyNode, Program } from 'acorn';
import type { Finding } from './findings.ts';
import { isFree, isLocal, memberName, textOf, walk } from './walk.ts';

export interface Environment {
  /** Names read as `process.env.NAME`, sorted. */
  secrets: string[];
  /** Those of them for which another value stands wherever they are read, as in `process.env.START ?? '/'`; sorted. */
  withDefault: string[];
  findings: Finding[];
}

/** The secrets and variables that a script reads. Their names must be written out: the sentinel hands out those alone. */
export function environment(program: Program): Environment {
  const secrets = new Set<string>();
  const needed = new Set<string>();
  const findings: Finding[] = [];
  walk(program, (node, ancestors) => {
    if (isHandedOn(node, ancestors)) findings.push({ node, code: 'ENVIRONMENT', message });
    if (!isEnv(node) || isLocal('process', ancestors)) return;
    const reads = readsOf(node, ancestors);
    if (!reads) findings.push({ node, code: 'ENVIRONMENT', message });
    for (const { name, hasDefault } of reads ?? []) {
      secrets.add(name);
      if (!hasDefault) needed.add(name);
    }
  });
  return { secrets: [...secrets].sort(), withDefault: [...secrets.difference(needed)].sort(), findings };
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

interface Read {
  name: string;
  /** Whether another value stands there for when it is not given. */
  hasDefault: boolean;
}

/** An empty text only satisfies TypeScript, as in `process.env.PASSWORD ?? ''`. */
function isValue(instead: AnyNode): boolean {
  return textOf(instead) !== '';
}

function readsOf(env: AnyNode, ancestors: readonly AnyNode[]): Read[] | undefined {
  const [parent, around] = ancestors.filter((node) => node.type !== 'ChainExpression').reverse();
  if (parent?.type === 'MemberExpression' && parent.object === env) {
    const name = memberName(parent);
    const isOr = around?.type === 'LogicalExpression' && around.operator !== '&&' && around.left === parent;
    const hasDefault = isOr && isValue(around.right);
    return name === undefined ? undefined : [{ name, hasDefault }];
  }
  if (parent?.type !== 'VariableDeclarator' || parent.id.type !== 'ObjectPattern') return undefined;
  const reads = parent.id.properties.map((property) => {
    if (property.type === 'RestElement') return undefined;
    const { key, computed, value } = property;
    const name = key.type === 'Identifier' && !computed ? key.name : textOf(key);
    return name === undefined
      ? undefined
      : { name, hasDefault: value.type === 'AssignmentPattern' && isValue(value.right) };
  });
  return reads.every((read) => read !== undefined) ? reads : undefined;
}
