import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { openPrivateFolder, replacePrivateFile } from '../../certs/private-file.ts';

/** What a demo keeps between two starts, with owner-only rights: it holds passwords. Written last, so it stands for a whole set-up. */
const DemoState = z.object({
  port: z.int(),
  pin: z.string(),
  users: z.array(
    z.object({ name: z.string(), password: z.string(), role: z.string(), customer: z.string().nullable() }),
  ),
  customers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      sentinelHome: z.string(),
      shopPort: z.int(),
      shopPassword: z.string(),
    }),
  ),
});
export type DemoState = z.infer<typeof DemoState>;

/** The state of the demo in `folder`; none if there is none, or if its set-up was cut off half-way. */
export function readState(folder: string): DemoState | undefined {
  try {
    return DemoState.parse(JSON.parse(readFileSync(stateFile(folder), 'utf8')));
  } catch {
    return undefined; // absent or half-written: either way it is set up anew
  }
}

export function writeState(folder: string, state: DemoState): void {
  replacePrivateFile(stateFile(folder), JSON.stringify(state, null, 2));
}

/** Removes what a demo kept, and makes its folder anew. */
export function startOver(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  openPrivateFolder(folder);
}

export function serverFolder(folder: string): string {
  return join(folder, 'server');
}

/** The certificate of the server's own authority, for browsers to trust. */
export function caFile(folder: string): string {
  return join(folder, 'ca.pem');
}

function stateFile(folder: string): string {
  return join(folder, 'demo.json');
}
