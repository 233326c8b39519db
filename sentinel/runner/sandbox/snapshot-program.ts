import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ConnectOverCDPTransport } from 'playwright-core';
import { carriedAs, type Packages } from '../child/carried.ts';
import type { CdpCommand, FromChild, ToChild } from '../messages.ts';
import { rehearseOnPages } from './rehearsal-script.ts';

/*
 * Loading its packages is most of what a child costs before its run. So they are loaded once, and the heap of V8 with them in
 * it is what children begin with (https://nodejs.org/api/cli.html#--build-snapshot).
 */

interface Given {
  carriedAs: string;
  /** Files to begin with. */
  entries: Record<keyof Packages, string>;
  /** Folders of the packages, by name. */
  folders: Record<string, string>;
  /** Modules of Node that can't be in a snapshot. */
  later: readonly string[];
}

/** The program that makes the snapshot, as the text of a file in CommonJS: a snapshot can be made of no other. */
export function snapshotProgram(): string {
  const require = createRequire(import.meta.url);
  const playwright = dirname(require.resolve('playwright/package.json'));
  const given: Given = {
    carriedAs,
    entries: {
      playwright: require.resolve('playwright-core'),
      matchers: join(playwright, 'lib/matchers/expect.js'),
      acorn: require.resolve('acorn'),
    },
    folders: { 'playwright-core': dirname(require.resolve('playwright-core/package.json')) },
    later: notInSnapshots,
  };
  return [
    `const forgetTimers = (${rememberTimers.toString()})(require);`,
    `const packages = (${loadPackages.toString()})(require, ${JSON.stringify(given)});`,
    `(${rehearse.toString()})(require, packages, ${rehearseOnPages.toString()}, forgetTimers);`,
  ].join('\n');
}

/** Node 26 ends when one of these is in a snapshot. */
const notInSnapshots = ['http', 'https', 'http2', 'tls'];

/**
 * What a timer left would be in every child: Node would take itself for waiting already, and set no alarm for the first
 * timers of a script. Returns what takes all timers away; the last one goes off alone, and leaves Node waiting for none. As
 * text, like what follows, so it can use nothing from outside.
 */
function rememberTimers(ofNode: NodeJS.Require): () => void {
  const { createHook } = ofNode('async_hooks') as typeof import('node:async_hooks');
  const timers = new Set<NodeJS.Timeout>();
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Timeout') timers.add(resource as NodeJS.Timeout);
    },
  }).enable();
  return () => {
    hook.disable();
    for (const timer of timers) clearTimeout(timer);
    setTimeout(() => timers.clear(), 1);
  };
}

function loadPackages(ofNode: NodeJS.Require, given: Given): Packages {
  const { existsSync, readFileSync } = ofNode('fs') as typeof import('node:fs');
  const { dirname, join, resolve } = ofNode('path') as typeof import('node:path');
  const { Script } = ofNode('vm') as typeof import('node:vm');
  type Members = Record<string, unknown>;
  type Class = new (...args: unknown[]) => object;

  let isMaking = true;
  const inNode = process.getBuiltinModule as (name: string) => Members;
  const prototypes: { module: string; member: string; prototype: object }[] = [];

  /** Node's module, which stands behind what extended a class of it before. */
  const real = (module: string): Members => {
    const members = inNode(module);
    for (const one of prototypes.splice(0)) {
      if (one.module === module) Object.setPrototypeOf(one.prototype, (members[one.member] as Class).prototype);
      else prototypes.push(one);
    }
    return members;
  };

  /** A class of a module that is not there yet: it can be extended, and made when it is there. */
  const classOf = (module: string, member: string): unknown => {
    const standIn = class {};
    prototypes.push({ module, member, prototype: standIn.prototype });
    return new Proxy(standIn, {
      construct: (_, args, maker) => Reflect.construct(real(module)[member] as Class, args, maker),
    });
  };

  /** A module that is loaded when something of it is needed. Whatever copies its members finds none, and looks further up: at it. */
  const laterModule = (name: string): object => {
    const classes = new Map<string, unknown>();
    const get = (_: object, member: string | symbol) => {
      if (typeof member === 'symbol' || member === '__esModule') return undefined;
      if (!isMaking) return real(name)[member];
      if (!classes.has(member)) classes.set(member, classOf(name, member));
      return classes.get(member);
    };
    const module: object = new Proxy({}, { get, getPrototypeOf: () => module });
    return module;
  };

  const later = new Map(given.later.map((name) => [name, laterModule(name)]));
  const loaded = new Map<string, { exports: unknown }>();

  const load = (file: string): unknown => {
    const known = loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {} as unknown };
    loaded.set(file, module);
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.json')) module.exports = JSON.parse(text);
    else runModule(file, text, module);
    return module.exports;
  };

  const runModule = (filename: string, text: string, module: { exports: unknown }) => {
    const wrapped = `(function (exports, require, module, __filename, __dirname) { ${text}\n});`;
    const main = new Script(wrapped, { filename }).runInThisContext();
    main.call(module.exports, module.exports, requireIn(dirname(filename)), module, filename, dirname(filename));
  };

  const requireIn = (folder: string) => (name: string) => {
    const [, ofPackage = '', rest] = /^([^./][^/]*)(?:\/(.*))?$/.exec(name) ?? [];
    const packaged = given.folders[ofPackage];
    if (packaged !== undefined)
      return load(rest === undefined ? given.entries.playwright : join(packaged, `${rest}.js`));
    if (!/^[./]/.test(name)) return later.get(name.replace(/^node:/, '')) ?? ofNode(name);
    const file = resolve(folder, name);
    return load(existsSync(file) ? file : `${file}.js`);
  };

  // What asks where it is while it is loaded keeps the answer, and every child is elsewhere.
  const { cwd } = process;
  process.cwd = () => '/';
  const { playwright, matchers, acorn } = given.entries;
  const packages = { playwright: load(playwright), matchers: load(matchers), acorn: load(acorn) };
  process.cwd = cwd;
  Object.assign(globalThis, {
    [given.carriedAs]: () => {
      isMaking = false;
      return packages;
    },
  });
  return packages;
}

/**
 * Does what runs do, by which V8 compiles what they need of the packages: a function is compiled when it is first called. The
 * sentinel says when, as to a child with a script, and closes the pipe at the end. As text, like the others.
 */
function rehearse(
  ofNode: NodeJS.Require,
  { playwright, matchers }: Packages,
  onPages: typeof rehearseOnPages,
  forgetTimers: () => void,
): void {
  const { mkdtempSync, read, writeSync } = ofNode('fs') as typeof import('node:fs');
  const { StringDecoder } = ofNode('string_decoder') as typeof import('node:string_decoder');
  const { chromium } = playwright as typeof import('playwright/test');
  const { expect } = matchers as typeof import('playwright/test');
  const pipe = 3;
  const tell = (message: FromChild) => writeSync(pipe, `${JSON.stringify(message)}\n`);
  const transport: ConnectOverCDPTransport = {
    send: (message) => void tell({ kind: 'cdp', message: message as CdpCommand }),
    close: () => transport.onclose?.(),
  };

  const perform = async (scratch: string) => {
    const artifactsDir = mkdtempSync(`${scratch}/artifacts-`);
    const browser = await chromium.connectOverCDP(transport, { isLocal: true, timeout: 0, artifactsDir });
    await onPages(browser, expect);
    await browser.close();
  };

  const take = (message: ToChild) => {
    if (message.kind === 'cdp') transport.onmessage?.(message.message);
    else if (message.kind === 'start')
      perform(message.scratch).then(
        () => tell({ kind: 'done' }),
        () => tell({ kind: 'done' }), // there is no browser, say: loading alone is worth a snapshot
      );
  };

  const decoder = new StringDecoder();
  let rest = '';
  const hear = () =>
    read(pipe, (error, count, bytes) => {
      if (error || count === 0) return forgetTimers();
      const lines = (rest + decoder.write(bytes.subarray(0, count))).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) setImmediate(() => take(JSON.parse(line)));
      hear();
    });
  hear();
  tell({ kind: 'ready' });
}
