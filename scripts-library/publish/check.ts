import type { AnyNode } from 'acorn';
import { environment } from './environment.ts';
import { type Fault, inOrder } from './faults.ts';
import { type Finding, located } from './findings.ts';
import { importFaults, isRelative } from './import-rules.ts';
import { contextFaults, optionFaults } from './option-rules.ts';
import { type Parsed, parseFile, syntaxFaults } from './parse.ts';
import { testUses } from './test-objects.ts';
import { isTest, testFaults } from './test-rules.ts';
import { snapshotMatchers } from './understood.ts';
import { isFunction, memberName, walk } from './walk.ts';

/**
 * What keeps a script from being published, in the order of its lines; empty if nothing does. Reads no other file: what
 * lies in relative imports is checked by `bundle`.
 */
export function check(fileName: string, source: string): Fault[] {
  const parsed = parseFile(fileName, source);
  if (Array.isArray(parsed)) return parsed;
  try {
    return inOrder([...located(importFaults(parsed.program), parsed), ...scriptFaults(parsed, fileName)]);
  } catch (error) {
    return syntaxFaults(error, () => fileName);
  }
}

/** What is wrong with a script whatever it imports. `fileName` is blamed for what the script lacks. */
export function scriptFaults(parsed: Parsed, fileName: string): Fault[] {
  const uses = testUses(parsed.program);
  const findings = [
    ...uses.flatMap(testFaults),
    ...optionFaults(uses),
    ...contextFaults(parsed.program),
    ...environment(parsed.program).findings,
    ...snapshots(parsed.program),
    ...topLevelAwaits(parsed.program),
  ];
  const mayDeclareElsewhere = parsed.program.body.some(
    (s) => s.type === 'ImportDeclaration' && isRelative(String(s.source.value)),
  );
  const faults = located(findings, parsed);
  return uses.some(isTest) || mayDeclareElsewhere ? faults : [noTest(fileName), ...faults];
}

function noTest(file: string): Fault {
  const message =
    "There is no test in this file: add test('Name', async ({ page }) => { … }), with test from @playwright/test.";
  return { file, line: 1, column: 1, code: 'NO_TEST', message };
}

function snapshots(program: AnyNode): Finding[] {
  const findings: Finding[] = [];
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return;
    const name = memberName(node.callee) ?? '';
    if (!snapshotMatchers.has(name) || (name === 'toMatchAriaSnapshot' && isWrittenOut(node.arguments[0]))) return;
    findings.push({ node: node.callee.property, code: 'SNAPSHOT', message: snapshotMessage(name) });
  });
  return findings;
}

/** An ARIA snapshot given as a text is compared with that text, without a file. */
function isWrittenOut(snapshot: AnyNode | undefined): boolean {
  return snapshot !== undefined && snapshot.type !== 'ObjectExpression';
}

function snapshotMessage(name: string): string {
  const instead =
    name === 'toMatchAriaSnapshot' ? 'give the snapshot as a text' : 'expect an element, a text or a value instead';
  return `${name} compares with a file, which a sentinel does not have: ${instead}.`;
}

function topLevelAwaits(program: AnyNode): Finding[] {
  const findings: Finding[] = [];
  walk(program, (node, ancestors) => {
    const waits = node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await);
    if (!waits || ancestors.some(isFunction)) return;
    const message =
      'Waiting outside of a test is not understood by sentinels: move the await into a test, a step or a hook.';
    findings.push({ node, code: 'TOP_LEVEL_AWAIT', message });
  });
  return findings;
}
