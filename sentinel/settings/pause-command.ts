import { type Command, InvalidArgumentError } from 'commander';
import { openPrivateFolder } from '../../certs/private-file.ts';
import { isEnrolled } from '../config.ts';
import { isLocked } from '../lock.ts';
import { plainJson } from '../protocol/plain.ts';
import { say } from '../terminal.ts';
import { type Pause, removePause, untilText, writePause } from './pause.ts';

/** Adds `pause` and `resume`. They need no server, and hold for a sentinel that runs now and for one that starts later. */
export function addPause(program: Command, home: () => string): void {
  program
    .command('pause')
    .description('begin no runs and end those that are going; what was found is still sent, and the server is told')
    .option('--for <time>', 'how long: 30m, 2h, 7d; left out, until `resume`', duration)
    .option('--reason <text>', 'why, for the server to show', words)
    .option('--json', 'as JSON', false)
    .action(({ for: ms, reason, json }: { for?: number; reason?: string; json: boolean }) => {
      const since = Date.now();
      const until = ms === undefined ? {} : { until: since + ms };
      const pause: Pause = { since, ...until, ...(reason === undefined ? {} : { reason: reason.slice(0, 200) }) };
      openPrivateFolder(home());
      writePause(home(), pause);
      say(json ? plainJson(pause) : `Paused ${untilText(pause)}.${runningText(home())}`);
    });

  program
    .command('resume')
    .description('end a pause')
    .option('--json', 'as JSON', false)
    .action(({ json }: { json: boolean }) => {
      const wasPaused = removePause(home());
      if (json) say(plainJson({ wasPaused }));
      else say(wasPaused ? `Resumed.${runningText(home())}` : 'It was not paused.');
    });
}

function runningText(home: string): string {
  if (isLocked(home)) return ' The running sentinel follows within 5 seconds.';
  if (isEnrolled(home)) return ' The sentinel does not run now.';
  return ` No sentinel is enrolled in ${home}: one elsewhere is named with --home.`;
}

function words(text: string): string {
  if (text.trim() !== '') return text;
  throw new InvalidArgumentError('Say why in words, or leave it out.');
}

const unitMs: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(text: string): number {
  const [, amount, unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  if (amount !== undefined) return Number(amount) * (unitMs[unit] ?? 0);
  throw new InvalidArgumentError('It is a time such as 30m, 2h or 7d.');
}
