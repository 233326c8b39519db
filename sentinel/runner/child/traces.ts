import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';

/*
 * Playwright's own tracing, where the monitor asks for it. What is recorded lies in files that grow while the test goes, so
 * that the sentinel finds it in the scratch folder whatever becomes of this process.
 */

let folder: string | undefined;
let count = 0;
let isKept = false;

/** Has every context from now on traced into a folder within the scratch folder; gives its path. */
export function traceInto(scratch: string): string {
  folder = join(scratch, 'trace');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Traces a new context until it is closed; the trace goes with it, unless something has gone wrong meanwhile. */
export async function traceContext(context: BrowserContext): Promise<void> {
  if (folder === undefined || isKept) return;
  const name = `context-${++count}`;
  const files = ['trace', 'network'].map((kind) => join(folder ?? '', `${name}.${kind}`));
  context.on('close', () => {
    if (!isKept) for (const file of files) rmSync(file, { force: true });
  });
  // Not public: where else than in the system's folder for temporary files, which a child may not write to, it works.
  Object.assign(context.tracing, { _tracesDir: folder });
  await context.tracing.start({ name, snapshots: true });
}

/** Something has gone wrong: the traces there are stay, and no further ones are begun. */
export function keepTraces(): void {
  isKept = true;
}
