import type { AnyNode, Pattern } from 'acorn';
import { didYouMean } from '../../sentinel/protocol/use-options.ts';
import type { Finding } from './findings.ts';
import { perTestFixtures } from './understood.ts';
import { textOf } from './walk.ts';

/** What is wrong with the fixtures that a function asks for in its first parameter; `known` is none if it can't be told. */
export function fixtureFaults(
  { params: [fixtures] }: { params: Pattern[] },
  known: ReadonlySet<string> | undefined,
  member: string,
): Finding[] {
  if (!fixtures) return [];
  if (fixtures.type !== 'ObjectPattern') return [unnamed(fixtures)];
  return fixtures.properties.flatMap((asked): Finding[] => {
    if (asked.type === 'RestElement') return [unnamed(asked)];
    const name = asked.key.type === 'Identifier' && !asked.computed ? asked.key.name : textOf(asked.key);
    if (name === undefined) return [unnamed(asked)];
    if (/^(before|after)All$/.test(member) && perTestFixtures.has(name)) return [perTest(asked, name, member)];
    return known && !known.has(name) ? [unknown(asked, name, known)] : [];
  });
}

/** Fixtures of `test.extend` that are shared by tests: every test of a sentinel has its own. */
export function workerFixtures(object: AnyNode & { type: 'ObjectExpression' }): Finding[] {
  return object.properties.flatMap((fixture) => {
    const options =
      fixture.type === 'Property' && fixture.value.type === 'ArrayExpression' ? fixture.value.elements[1] : undefined;
    const scope = options?.type === 'ObjectExpression' ? options.properties.find(isWorkerScope) : undefined;
    const message = `Fixtures of scope 'worker' are not understood by sentinels: leave the scope out, so that each test gets its own.`;
    return scope ? [{ node: scope, code: 'FIXTURE', message }] : [];
  });
}

function isWorkerScope(option: AnyNode): boolean {
  return option.type === 'Property' && keyOf(option) === 'scope' && textOf(option.value) === 'worker';
}

function keyOf({ key }: { key: AnyNode }): string | undefined {
  return key.type === 'Identifier' ? key.name : textOf(key);
}

function unnamed(node: AnyNode): Finding {
  return { node, code: 'FIXTURE', message: 'Name the fixtures that are used one by one, as in async ({ page }) => ….' };
}

function perTest(node: AnyNode, name: string, member: string): Finding {
  const message = `There is no ${name} in test.${member}, since each test has its own: use test.${member.replace('All', 'Each')}.`;
  return { node, code: 'FIXTURE', message };
}

function unknown(node: AnyNode, name: string, known: ReadonlySet<string>): Finding {
  const message = `The fixture ${name} is not understood by sentinels: use one of ${[...known].join(', ')}, or declare it with test.extend.${didYouMean(name, [...known])}`;
  return { node, code: 'FIXTURE', message };
}
