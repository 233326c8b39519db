import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Report } from './report.ts';

const worker = path.join(import.meta.dirname, 'full-disk-worker.ts');
const Found = z.object({ faults: z.array(z.string()), figures: z.record(z.string(), z.number()) });

/** A disk that really is full, again and again: a small file system in a mount namespace that no other process sees. */
export async function fullDisk(folder: string, rounds: number): Promise<Report> {
  const place = path.join(folder, 'small');
  fs.mkdirSync(place);
  const program = [process.execPath, '--disable-warning=ExperimentalWarning', worker, place, String(rounds)];
  const script = 'mount -t tmpfs -o size=12m none "$1" || exit 99; shift; exec "$@"';
  const asRoot = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const args = ['--mount', ...asRoot, 'sh', '-c', script, 'sh', place, ...program];
  const { status, stdout, stderr, error } = spawnSync('unshare', args, { encoding: 'utf8' });
  if (error || status === 99 || /^unshare:/m.test(stderr)) {
    return {
      bar: 'A5',
      notRun: `no file system can be mounted here: ${error?.message ?? stderr.trim().slice(0, 200)}`,
    };
  }
  if (status !== 0) return { bar: 'A5', faults: [`it ended with ${status}: ${stderr.slice(-500)}`], figures: {} };
  return { bar: 'A5', ...Found.parse(JSON.parse(stdout)) };
}
