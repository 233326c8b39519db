import type { AnyNode, Program } from 'acorn';
import { textOf, walk } from './walk.ts';

/** The hosts, with their port if it isn't the usual one, of every http and https address written in a script; sorted. */
export function hosts(program: Program): string[] {
  const found = new Set<string>();
  walk(program, (node) => {
    const host = hostOf(addressIn(node));
    if (host) found.add(host);
  });
  return [...found].sort();
}

/** A literal, or the beginning of a template if its host is complete before the first gap. */
function addressIn(node: AnyNode): string {
  if (node.type !== 'TemplateLiteral') return textOf(node) ?? '';
  const start = node.quasis[0]?.value.cooked ?? '';
  const isComplete = node.expressions.length === 0 || /^https?:\/\/[^/?#]+[/?#]/i.test(start);
  return isComplete ? start : '';
}

function hostOf(address: string): string | undefined {
  return /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address).host : undefined;
}
