import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { type Node, parse } from 'acorn';
import { build } from 'esbuild';

/*
 * What runs on a workstation reaches its server by one connector. So nothing else there opens a connection of its own, and
 * who may touch the network at all is listed here, each with the reason.
 */

const root = resolve(import.meta.dirname, '../..');
const network = /^(node:)?(http|https|http2|net|tls|dgram|dns|dns\/promises|quic)$|^(undici|ws|playwright-core)(\/|$)/;

const mayTouchTheNetwork: Record<string, string> = {
  'certs/pin.ts':
    'decides whom to trust; its one handshake without verification learns an authority and carries no data',
  'certs/given-certificate.ts':
    'asks whether a name is an address, and whether TLS takes a certificate; connects to nothing',
  'certs/server-certificate.ts': 'asks whether a name is an address',
  'sentinel/doctor/link-steps.ts': "looks the server's name up and tries its port, and sends nothing",
  'sentinel/link/connector.ts': 'the one connector: each connection proves a pinned key before it is used',
  'sentinel/link/connection.ts': 'sends over what the connector gives',
  'sentinel/proxy-address.ts': 'asks whether a name is an address',
  'sentinel/runner/gate/gate.ts': "the gate: the browser's traffic, to the hosts that the script may reach",
  'sentinel/runner/gate/hosts.ts': 'asks whether a name is an address',
  'sentinel/runner/gate/network.ts': 'asks the resolver, after a failure, whether the network is there',
  'sentinel/runner/child/channel.ts': 'the pipe between child and sentinel',
  'sentinel/runner/child/packages.ts': 'loads Playwright in the child, which has no network',
  'sentinel/runner/child/sockets.ts':
    "in the child, which has no network: a script's sockets are carried by the sentinel",
  'sentinel/thrift.ts': 'loads the module before V8 gets other flags, and uses nothing of it',
};

interface Finding {
  file: string;
  what: string;
}

/** What is against the rule in a source: network modules where none may be, and words that no file but the pins' may have. */
function findings(file: string, source: string): Finding[] {
  const found: string[] = [];
  for (const node of nodesOf(parse(source, { ecmaVersion: 'latest', sourceType: 'module', locations: true }))) {
    const module = moduleOf(node);
    if (module && network.test(module) && !(file in mayTouchTheNetwork)) found.push(`imports ${module}`);
    if (node.type === 'CallExpression') {
      const callee = textOf(node.callee);
      if (/^(globalThis\.)?fetch$/.test(callee)) found.push('calls fetch');
      if (/^(https?|http2)\.(request|get|connect)$/.test(callee)) found.push(`calls ${callee}`);
      if (callee === 'tls.connect' && file !== 'certs/pin.ts') found.push('calls tls.connect');
    }
    if (node.type === 'NewExpression' && /^(WebSocket|EventSource)$/.test(textOf(node.callee)))
      found.push(`opens a ${textOf(node.callee)}`);
    if (node.type === 'Property' && file !== 'certs/pin.ts') {
      const key = textOf(node.key);
      if (key === 'rejectUnauthorized' || key === 'checkServerIdentity') found.push(`decides ${key}`);
    }
  }
  return found.map((what) => ({ file, what }));
}

type Part = Node & Record<string, unknown>;

function moduleOf(node: Part): string | undefined {
  const source =
    node.type === 'CallExpression' && textOf(node.callee) === 'require' ? first(node.arguments) : node.source;
  const from = isNode(source) && source.type === 'Literal' ? source.value : undefined;
  return typeof from === 'string' ? from : undefined;
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}

/** `a.b` of an identifier or member expression, else nothing. */
function textOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier') return String(node.name);
  if (node.type === 'Literal') return String(node.value);
  if (node.type === 'MemberExpression') return `${textOf(node.object)}.${textOf(node.property)}`;
  return '';
}

function* nodesOf(node: unknown): Generator<Part> {
  if (Array.isArray(node)) for (const each of node) yield* nodesOf(each);
  if (!isNode(node)) return;
  yield node;
  for (const value of Object.values(node)) yield* nodesOf(value);
}

function isNode(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

const sources = globSync('{certs,sentinel}/**/*.ts', { cwd: root }).filter(
  (file) => !/\.test\.ts$|\/build-/.test(file),
);
const read = (file: string) => stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'));

test('nothing of the sentinel reaches out but by the one connector and what is listed', () => {
  assert.ok(sources.length > 80, 'the sources were found');
  assert.deepEqual(
    sources.flatMap((file) => findings(file, read(file))),
    [],
  );
});

test('every file that is listed is there, and still touches the network', () => {
  for (const file of Object.keys(mayTouchTheNetwork)) {
    const modules = [...read(file).matchAll(/(?:from |require\(|^import )'([^']+)'/gm)].map(
      ([, module = '']) => module,
    );
    assert.ok(
      modules.some((module) => network.test(module)),
      file,
    );
  }
});

test('what is planted is found', () => {
  const planted = [
    "import https from 'node:https';",
    "const net = require('net');",
    "const { request } = await import('undici');",
    "await fetch('https://elsewhere.example');",
    "globalThis.fetch('https://elsewhere.example');",
    "http.request('http://elsewhere.example');",
    'tls.connect({ port: 1 });',
    'const options = { rejectUnauthorized: false };',
    'const options = { checkServerIdentity: () => undefined };',
    "new WebSocket('wss://elsewhere.example');",
  ];
  for (const source of planted) assert.equal(findings('sentinel/planted.ts', source).length, 1, source);
});

test('the bundle that is installed leaves verification out once: where an authority is learnt', async () => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['sentinel/cli.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    external: ['acorn', 'playwright', 'playwright-core', 'sharp'],
    logLevel: 'error',
  });
  const code = outputFiles[0]?.text ?? '';
  assert.equal([...code.matchAll(/rejectUnauthorized: (?!true)/g)].length, 1);
  assert.equal([...code.matchAll(/rejectUnauthorized: true/g)].length, 1);
});
