import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';

/** The administrator of this device wants no runs. */
export const Pause = z.strictObject({
  /** ms since 1970. */
  since: z.int(),
  /** From then on it works again by itself; left out, when it is resumed. */
  until: z.int().optional(),
  reason: z.string().min(1).max(200).optional(),
});
export type Pause = z.infer<typeof Pause>;

/** Why runs that are going end when a sentinel is paused. */
export const pausedReason = 'paused by its administrator';

/** Holds at a restart too. Throws `FolderUnusable`. */
export function writePause(home: string, pause: Pause): void {
  replacePrivateFile(pauseFile(home), `${JSON.stringify(Pause.parse(pause))}\n`);
}

/** Whether there was a pause to end. */
export function removePause(home: string): boolean {
  const wasThere = pauseText(home) !== undefined;
  fs.rmSync(pauseFile(home), { force: true });
  return wasThere;
}

/** The pause that holds at `now`, if there is one. A file that can't be read means one too: somebody wanted it. */
export function pauseAt(text: string | undefined, now: number): Pause | undefined {
  if (text === undefined) return undefined;
  const pause = readPause(text) ?? { since: now };
  return pause.until !== undefined && pause.until <= now ? undefined : pause;
}

/** Until when it holds, for people. */
export function untilText({ until }: Pause): string {
  return until === undefined ? 'until `vedette-sentinel resume`' : `until ${new Date(until).toISOString()}`;
}

/** What stands in the file of the pause; undefined if there is none. */
export function pauseText(home: string): string | undefined {
  return readIfThere(pauseFile(home));
}

function readPause(text: string): Pause | undefined {
  try {
    return Pause.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function pauseFile(home: string): string {
  return path.join(home, 'pause.json');
}
