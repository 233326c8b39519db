import type { AnyNode, Program } from 'acorn';
import { optionFault, refusedOptions } from '../../sentinel/protocol/use-options.ts';
import type { Finding } from './findings.ts';
import type { TestUse } from './test-objects.ts';
import { memberName, textOf, walk } from './walk.ts';

type ObjectNode = AnyNode & { type: 'ObjectExpression' };

/** What `test.use` sets that no sentinel follows and no `test.extend` of the script declares. */
export function optionFaults(uses: readonly TestUse[]): Finding[] {
  const declared = uses.map(({ test }) => test.fixtures);
  const isAllKnown = declared.every((fixtures) => fixtures !== undefined);
  const known = declared.reduce<ReadonlySet<string>>((all, fixtures) => all.union(fixtures ?? new Set()), new Set());
  return uses.flatMap(({ path, call }) => {
    const options = path.join('.') === 'use' ? call?.arguments[0] : undefined;
    if (options?.type !== 'ObjectExpression') return [];
    return written(options).flatMap(({ name, node, value }): Finding[] => {
      const message = optionFault(name, value, isAllKnown ? known : new Set([name]));
      return message === undefined ? [] : [{ node, code: 'OPTION', message }];
    });
  });
}

const refusedOfContexts: Readonly<Record<string, string>> = {
  proxy: `proxy is refused: ${refusedOptions.proxy?.why}.`,
  recordVideo: `recordVideo is refused: ${refusedOptions.video?.why}.`,
};

/** What `browser.newContext` and `browser.newPage` are given that no context of a sentinel has. */
export function contextFaults(program: Program): Finding[] {
  const findings: Finding[] = [];
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return;
    const [options] = node.arguments;
    if (!/^new(Context|Page)$/.test(memberName(node.callee) ?? '') || options?.type !== 'ObjectExpression') return;
    for (const { name, node: at, value } of written(options)) {
      const message = refusedOfContexts[name];
      if (message !== undefined && value !== undefined) findings.push({ node: at, code: 'OPTION', message });
    }
  });
  return findings;
}

/** The properties whose names are written out, with their values; of one that only the run decides nothing is known yet, and it is undefined. */
function written(object: ObjectNode): { name: string; node: AnyNode; value: unknown }[] {
  return object.properties.flatMap((property) => {
    if (property.type !== 'Property' || property.computed) return [];
    const name = property.key.type === 'Identifier' ? property.key.name : textOf(property.key);
    return name === undefined ? [] : [{ name, node: property, value: valueIn(property.value) }];
  });
}

function valueIn(node: AnyNode): unknown {
  if (node.type === 'Literal') return node.value;
  if (node.type === 'ObjectExpression')
    return Object.fromEntries(written(node).map(({ name, value }) => [name, value]));
  return textOf(node);
}
