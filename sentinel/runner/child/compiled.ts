import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import Module, { createRequire, flushCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import { constants, Script } from 'node:vm';

/*
 * Playwright's code, compiled before. Node's own compile cache holds of a file what V8 compiles when it is loaded, which
 * is the least of it: a function is compiled when it is first called. V8 can also store what was called until now
 * (https://nodejs.org/api/vm.html#scriptcreatecacheddata), so what a rehearsal called is there for every run after it.
 */

const { NODE_COMPILE_CACHE: folder } = process.env;
const scripts = new Map<string, Script>();

interface Compiling {
  _compile(this: NodeJS.Module, code: string, filename: string): unknown;
}

if (folder !== undefined) (Module.prototype as unknown as Compiling)._compile = compileAndRun;

function compileAndRun(this: NodeJS.Module, code: string, filename: string): unknown {
  const script = new Script(Module.wrap(code), {
    filename,
    cachedData: storedFor(filename),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  scripts.set(filename, script);
  const main = script.runInThisContext();
  return main.call(this.exports, this.exports, createRequire(filename), this, filename, dirname(filename));
}

/** V8 itself sees whether it belongs to this version and this text, and else compiles anew. */
function storedFor(filename: string): Buffer | undefined {
  try {
    return readFileSync(fileOf(filename));
  } catch {
    return undefined; // this child is to make it
  }
}

/** Stores what was compiled until now, for the children after this one. */
export function keepCompiled(): void {
  for (const [filename, script] of scripts) writeFileSync(fileOf(filename), script.createCachedData());
  flushCompileCache();
}

function fileOf(filename: string): string {
  return join(folder ?? '', `${hash('sha256', filename).slice(0, 32)}.code`);
}
