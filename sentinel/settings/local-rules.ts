import path from 'node:path';
import type { Problems } from '../problems.ts';
import type { RunRequest } from '../runner/runner.ts';
import type { MayRun } from '../schedule/allowed.ts';
import { Wake } from '../wake.ts';
import { areNow } from './hours.ts';
import { narrowed } from './narrow.ts';
import { type Pause, pauseAt, pausedReason, pauseFile, pauseText } from './pause.ts';
import { type Settings, settingsFile, settingsIn, settingsText } from './settings.ts';
import { watchFiles } from './watch-files.ts';

/** So often the files are looked at although the system tells of changes: it may know nothing of another machine's. */
const watchedMs = 30_000;
const unwatchedMs = 1000;
const changedReason = "its administrator changed this sentinel's settings";

/**
 * What the administrator of this device allows now: the settings and the pause, read anew whenever their files change.
 * Settings that can't be used allow no run: who wrote them wanted something, and running on might be what they forbade.
 */
export class LocalRules {
  readonly #home: string;
  readonly #now: () => number;
  #settingsText: string | undefined;
  #pauseText: string | undefined;
  #settings: Settings;
  #fault: string | undefined;
  #wasPaused: boolean;
  #going = new AbortController();

  /** Throws `SettingsFault`: a sentinel does not start with settings that can't be used. */
  constructor(home: string, now: () => number = Date.now) {
    this.#home = home;
    this.#now = now;
    this.#settingsText = settingsText(home);
    this.#pauseText = pauseOf(home);
    this.#settings = settingsIn(this.#settingsText ?? '{}', settingsFile(home));
    this.#wasPaused = this.pause !== undefined;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get pause(): Pause | undefined {
    return pauseAt(this.#pauseText, this.#now());
  }

  readonly mayRun: MayRun = (_, now) => {
    if (this.#fault !== undefined || pauseAt(this.#pauseText, now)) return 'paused';
    return areNow(this.#settings.hours, now) ? undefined : 'hours';
  };

  /** Aborts runs that begin now, with the reason for people, when the rules change. */
  get going(): AbortSignal {
    return this.#going.signal;
  }

  narrowed(request: RunRequest): RunRequest {
    return narrowed(request, this.#settings);
  }

  /** Looks at the files whenever they change, and at least every `longestMs`, until `signal` aborts; tells of each change. */
  async loop(onChange: () => void, problems: Problems, signal: AbortSignal, longestMs = watchedMs): Promise<void> {
    const news = new Wake();
    const files = [settingsFile(this.#home), pauseFile(this.#home)].map((file) => path.basename(file));
    using watch = watchFiles(this.#home, files, () => news.ring());
    while (!signal.aborted) {
      if (this.#look()) onChange();
      problems.set('settings', this.#fault && `no run begins: ${this.#fault}`);
      const untilPauseEnds = (this.pause?.until ?? Number.POSITIVE_INFINITY) - this.#now();
      await news.wait(Math.min(untilPauseEnds, watch.works ? longestMs : Math.min(longestMs, unwatchedMs)), signal);
    }
  }

  /** Whether something is otherwise than before. */
  #look(): boolean {
    const settings = this.#lookAtSettings();
    const paused = this.#lookAtPause();
    if (this.pause) this.#endRuns(pausedReason);
    else if (settings) this.#endRuns(changedReason);
    return settings || paused;
  }

  #lookAtSettings(): boolean {
    const [before, fault] = [this.#settingsText, this.#fault];
    try {
      this.#settingsText = settingsText(this.#home);
      if (this.#settingsText !== before || fault !== undefined)
        this.#settings = settingsIn(this.#settingsText ?? '{}', settingsFile(this.#home));
      this.#fault = undefined;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    }
    return this.#settingsText !== before || this.#fault !== fault;
  }

  #lookAtPause(): boolean {
    const text = pauseOf(this.#home);
    const isOther = text !== this.#pauseText;
    this.#pauseText = text;
    const isPaused = this.pause !== undefined;
    const isOver = isPaused !== this.#wasPaused; // its time has come
    this.#wasPaused = isPaused;
    return isOther || isOver;
  }

  #endRuns(reason: string): void {
    this.#going.abort(reason);
    this.#going = new AbortController();
  }
}

/** What stands in the file of the pause. One that can't be read, as when another user wrote it, means a pause too. */
function pauseOf(home: string): string | undefined {
  try {
    return pauseText(home);
  } catch {
    return '';
  }
}
