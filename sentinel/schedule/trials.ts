import type { Assignment, Trial } from '../protocol/messages.ts';
import type { Memory } from '../spool/memory.ts';
import type { MayRun } from './allowed.ts';
import type { Due } from './due.ts';

export interface TrialsSettings {
  memory: Pick<Memory, 'honoured' | 'honour'>;
  mayRun?: MayRun;
  /** Server's clock minus this device's, ms. */
  clockOffsetMs(): number | undefined;
}

const reasons = {
  paused: 'this sentinel is paused by its administrator, and runs nothing',
  hours: "it is outside of the hours in which this sentinel's administrator lets scripts run",
} as const;

/** Drafts that are to be tried here: each once, over restarts too, and none after its time. */
export class Trials {
  readonly #settings: TrialsSettings;

  constructor(settings: TrialsSettings) {
    this.#settings = settings;
  }

  /** What is to begin at `now` (ms), in the order it was asked for, and what may not: who waits for it is told why. */
  look(trials: readonly Trial[], now: number): { due: Due[]; refused: { due: Due; reason: string }[] } {
    const { memory, mayRun, clockOffsetMs } = this.#settings;
    if (trials.length === 0) return { due: [], refused: [] };
    const [offset, honoured] = [clockOffsetMs() ?? 0, memory.honoured()];
    const open = trials
      .filter(({ trialId, until }) => now + offset < until && !honoured.has(trialId))
      .toSorted((a, b) => a.askedAt - b.askedAt)
      .map((trial) => dueOf(trial, trial.askedAt - offset));
    const judged = open.map((due) => ({ due, hindrance: mayRun?.(due.assignment, now) }));
    return {
      due: judged.flatMap(({ due, hindrance }) => (hindrance === undefined ? due : [])),
      refused: judged.flatMap(({ due, hindrance }) =>
        hindrance === undefined ? [] : { due, reason: reasons[hindrance] },
      ),
    };
  }

  /** Written before it starts. */
  begun({ trialId, dueAt }: Due): void {
    if (trialId !== undefined) this.#settings.memory.honour(trialId, trialId, dueAt);
  }

  /** Those that were going when the sentinel was ended. */
  interrupted(trials: readonly Trial[], requests: ReturnType<Memory['interruptedRequests']>): Due[] {
    const going = new Map(requests.map(({ requestId, dueAt }) => [requestId, dueAt]));
    return trials.flatMap((trial) => {
      const dueAt = going.get(trial.trialId);
      return dueAt === undefined ? [] : dueOf(trial, dueAt);
    });
  }
}

function dueOf(trial: Trial, dueAt: number): Due {
  return { assignment: assignmentOf(trial), dueAt, trialId: trial.trialId };
}

/** As what the rest of the schedule knows; its own schedule is never looked at. */
function assignmentOf({ trialId, askedAt: _, until: __, ...trial }: Trial): Assignment {
  return { ...trial, monitorId: trialId, schedule: { everyMs: 86_400_000 }, confirmFailures: false };
}
