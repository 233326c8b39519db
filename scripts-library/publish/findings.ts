import type { AnyNode } from 'acorn';
import type { Fault } from './faults.ts';
import type { Parsed } from './parse.ts';

/** A fault that still knows its place only as a node of the tree. */
export interface Finding extends Pick<Fault, 'code' | 'message'> {
  node: AnyNode;
}

export function located(findings: readonly Finding[], { originOf }: Parsed): Fault[] {
  return findings.map(({ node, code, message }) => ({ ...originOf(node), code, message }));
}
