import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';

const folder = join(import.meta.dirname, '..');
const told = ['title', 'label', 'aria-label', 'alt', 'placeholder', 'description', 'error', 'name'];
const hasWords = (text: string) => /\p{L}{2,}/u.test(text);

test('no page and no part says anything that is not in the messages', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /^[^.]*\.tsx$/.test(file));
  assert.ok(files.length > 100, 'the pages are found');
  const pages = files.map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
  assert.deepEqual(
    pages.flatMap(([file, text]) => wordsIn(file, text)),
    [],
  );
  const planted = 'const a = <p title="Look here">Hello {name}<Icon name="left" />{isNew ? "brand new" : b}</p>;';
  assert.deepEqual(wordsIn('a.tsx', planted), ['a.tsx: Look here', 'a.tsx: Hello', 'a.tsx: brand new']);
});

/** What would be seen of the text of a file that is written in it. */
function wordsIn(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && hasWords(node.text)) found.push(node.text.trim());
    if (ts.isStringLiteral(node) && isShown(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  return found.map((one) => `${file}: ${one}`);
}

function isShown(node: ts.StringLiteral): boolean {
  if (ts.isJsxAttribute(node.parent)) {
    const name = node.parent.name.getText();
    return told.includes(name) && hasWords(node.text) && (name !== 'name' || node.text.includes(' '));
  }
  let around: ts.Node = node.parent;
  while (ts.isConditionalExpression(around) || ts.isParenthesizedExpression(around)) around = around.parent;
  return ts.isJsxExpression(around) && !ts.isJsxAttribute(around.parent) && hasWords(node.text);
}
