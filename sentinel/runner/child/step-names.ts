import type { AnyNode } from 'acorn';
import { packages } from './packages.ts';

const { parseExpressionAt } = packages.acorn as typeof import('acorn');

/**
 * Names of the outermost steps that a test's text contains, in order: what it would do, for telling what was not reached.
 * Only names written out as a text are seen, and only steps in the test's own body.
 */
export function stepNames(body: (...parameters: never[]) => unknown): string[] {
  try {
    return namesIn(parse(body.toString()));
  } catch {
    return []; // a native or bound function has no text
  }
}

function parse(text: string): AnyNode {
  const options = { ecmaVersion: 'latest', allowAwaitOutsideFunction: true } as const;
  try {
    return parseExpressionAt(text, 0, options);
  } catch {
    return parseExpressionAt(`({${text}})`, 0, options); // written as a method
  }
}

function namesIn(node: AnyNode): string[] {
  const own = stepName(node);
  return own === undefined ? children(node).flatMap(namesIn) : [own];
}

/** The name of a call `….step('name', …)` or `….step.skip('name', …)`. */
function stepName(node: AnyNode): string | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const { callee } = node;
  const isSkip = memberName(callee) === 'skip' && callee.type === 'MemberExpression';
  if (memberName(isSkip ? callee.object : callee) !== 'step') return undefined;
  const [first] = node.arguments;
  if (first?.type === 'Literal' && typeof first.value === 'string') return first.value;
  const isPlain = first?.type === 'TemplateLiteral' && first.expressions.length === 0;
  return isPlain ? (first.quasis[0]?.value.cooked ?? undefined) : undefined;
}

function memberName(node: AnyNode): string | undefined {
  const isPlain = node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier';
  return isPlain ? (node.property as { name: string }).name : undefined;
}

function children(node: AnyNode): AnyNode[] {
  return Object.values(node)
    .flat()
    .filter((value): value is AnyNode => typeof value === 'object' && value !== null && 'type' in value);
}
