import type { AnyNode, ImportDeclaration, Program } from 'acorn';
import { didYouMean } from '../../sentinel/protocol/use-options.ts';
import type { Finding } from './findings.ts';
import { playwrightTest, understoodImports } from './understood.ts';
import { isFree, walk } from './walk.ts';

/** What a file imports beyond '@playwright/test' and relative files. */
export function importFaults(program: Program): Finding[] {
  const findings: Finding[] = [];
  walk(program, (node, ancestors) => findings.push(...judge(node, ancestors)));
  return findings;
}

export function isRelative(from: string): boolean {
  return /^\.\.?(\/|$)/.test(from);
}

function judge(node: AnyNode, ancestors: readonly AnyNode[]): Finding[] {
  switch (node.type) {
    case 'ImportDeclaration':
      return node.source.value === playwrightTest ? playwrightImport(node) : source(node.source);
    case 'ExportNamedDeclaration':
      return node.source ? source(node.source) : [];
    case 'ExportAllDeclaration':
      return node.source.value === playwrightTest ? [star(node)] : source(node.source);
    case 'ImportExpression':
      return [dynamic(node, 'import()')];
    case 'Identifier':
      return node.name === 'require' && isFree(node, ancestors) ? [dynamic(node, 'require')] : [];
    default:
      return [];
  }
}

function source(node: AnyNode & { type: 'Literal' }): Finding[] {
  const from = String(node.value);
  if (from === playwrightTest || isRelative(from)) return [];
  const message = `'${from}' cannot be imported: a script may import ${playwrightTest} and relative files only. Remove it, put what you need into a file beside the script, or write "import type" if only its types are used.`;
  return [{ node, code: 'IMPORT', message }];
}

function playwrightImport({ specifiers }: ImportDeclaration): Finding[] {
  return specifiers.flatMap((node): Finding[] => {
    if (node.type === 'ImportNamespaceSpecifier') return [star(node)];
    const name =
      node.type === 'ImportDefaultSpecifier'
        ? 'default'
        : node.imported.type === 'Identifier'
          ? node.imported.name
          : String(node.imported.value);
    if (understoodImports.has(name)) return [];
    const message = `'${name}' of ${playwrightTest} is not understood by sentinels: only ${understood} are. Remove it, or write "import type" if it is a type.${didYouMean(name, [...understoodImports])}`;
    return [{ node, code: 'IMPORT', message }];
  });
}

const understood = [...understoodImports].filter((name) => name !== 'default').join(', ');

function star(node: AnyNode): Finding {
  return { node, code: 'IMPORT', message: `Import by name: import { test, expect } from '${playwrightTest}'.` };
}

function dynamic(node: AnyNode, what: string): Finding {
  const message = `${what} is not understood by sentinels: write an import statement at the top of the file instead.`;
  return { node, code: 'IMPORT_DYNAMIC', message };
}
