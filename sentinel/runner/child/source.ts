import { SourceMap } from 'node:module';
import { compileFunction } from 'node:vm';

/** The name under which the script's code runs; how its frames are found in a stack. */
const bundleName = 'vedette-script.js';
let map: SourceMap | undefined;

type Main = (exports: object, require: (name: string) => unknown, module: object) => void;

/** Compiles a bundle (CommonJS, source map inside) into the function that runs it. */
export function compile(bundle: string): Main {
  const inline = /\/\/# sourceMappingURL=data:application\/json;(?:charset=utf-8;)?base64,([A-Za-z0-9+/=]+)\s*$/.exec(
    bundle,
  );
  if (inline?.[1]) map = new SourceMap(JSON.parse(Buffer.from(inline[1], 'base64').toString()));
  return compileFunction(bundle, ['exports', 'require', 'module'], { filename: bundleName }) as Main;
}

export interface Place {
  file: string;
  line: number;
  column: number;
}

const placedAt = new WeakMap<object, Error>();

/** Has an error shown where the function that made `where` was called, or where it was made if that is a test's own. */
export function placeAtCaller(thrown: unknown, where: Error): void {
  if (typeof thrown === 'object' && thrown !== null) placedAt.set(thrown, where);
}

/** Where in the author's file an error came from: the uppermost frame of its stack that lies in the script. */
export function placeOf(thrown: unknown): Place | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const boxed = placedAt.get(thrown);
  const [own, caller] = (boxed ?? thrown).stack?.matchAll(new RegExp(`${bundleName}:(\\d+):(\\d+)`, 'g')) ?? [];
  const frame = (boxed && caller) ?? own;
  if (!frame) return undefined;
  const found = map?.findEntry(Number(frame[1]) - 1, Number(frame[2]) - 1);
  if (!found || !('originalSource' in found)) return undefined;
  return {
    file: found.originalSource.replace(/^.*\//, ''),
    line: found.originalLine + 1,
    column: found.originalColumn + 1,
  };
}
