import type { AnyNode } from 'acorn';
import { didYouMean } from '../../sentinel/protocol/use-options.ts';
import type { Finding } from './findings.ts';
import { fixtureFaults, workerFixtures } from './fixture-rules.ts';
import type { TestUse } from './test-objects.ts';
import { declaresTest, takesFixtures, understoodMembers } from './understood.ts';
import { isFunction } from './walk.ts';

/** What a use of `test` asks of the runner that it does not understand. */
export function testFaults(use: TestUse): Finding[] {
  const name = memberOf(use);
  if (name === undefined) return [notUnderstood(use)];
  if (!use.call) return [];
  if (takesFixtures.has(name)) {
    return use.call.arguments.flatMap((a) => (isFunction(a) ? fixtureFaults(a, use.test.fixtures, name) : []));
  }
  const [first] = use.call.arguments;
  if (first?.type !== 'ObjectExpression' || (name !== 'extend' && name !== 'use')) return [];
  return [...(name === 'extend' ? workerFixtures(first) : []), ...fixturesOfValues(first, use, name)];
}

/** Whether a use declares a test: a title and a function, as in `test('Shop', async () => …)`. */
export function isTest(use: TestUse): boolean {
  const name = memberOf(use);
  if (name === undefined || !declaresTest.has(name) || !use.call) return false;
  const [title] = use.call.arguments;
  return use.call.arguments.length > 1 && title !== undefined && !isFunction(title);
}

/** The understood member that is used, '' for `test` itself; undefined if there is no such member. */
function memberOf({ path }: TestUse): string | undefined {
  if (path[0] === 'expect') return 'expect'; // what lies beyond is Playwright's own expect
  const name = path.join('.');
  return path.length === 0 || (!path.includes(undefined) && understoodMembers.has(name)) ? name : undefined;
}

function notUnderstood({ path, node }: TestUse): Finding {
  const written = `test.${path.map((name) => name ?? '[…]').join('.')}`;
  const near = [...understoodMembers].filter((member) => member.startsWith(`${path[0]}.`) || member === path[0]);
  const known = (near.length > 0 ? near : [...understoodMembers]).map((member) => `test.${member}`);
  const message = `${written} is not understood by sentinels: remove it, or use one of ${known.join(', ')}.${known.length > 5 ? didYouMean(written, known) : ''}`;
  return { node: node.type === 'MemberExpression' ? node.property : node, code: 'TEST_MEMBER', message };
}

/** The functions in the values of `test.extend` and `test.use` are given fixtures too, the new ones included. */
function fixturesOfValues(
  object: AnyNode & { type: 'ObjectExpression' },
  { test }: TestUse,
  member: string,
): Finding[] {
  const own = object.properties.flatMap((p) =>
    p.type === 'Property' && p.key.type === 'Identifier' ? [p.key.name] : [],
  );
  const isComplete = object.properties.every((p) => p.type === 'Property');
  const known = isComplete ? test.fixtures?.union(new Set(own)) : undefined;
  return object.properties.flatMap((p) => {
    if (p.type !== 'Property') return [];
    const value = p.value.type === 'ArrayExpression' ? p.value.elements[0] : p.value;
    return value && isFunction(value) ? fixtureFaults(value, known, member) : [];
  });
}
