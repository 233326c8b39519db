/** Why runs that were due did not begin, and nobody is to blame for a gap: such times are told as spans, not as runs. */
export const skipReasons = {
  paused: "the sentinel's administrator has paused it",
  hours: "the sentinel's administrator does not allow runs at that hour",
  asleep: 'the device slept, or gave the sentinel no processor time at all',
  off: 'the sentinel was not running, or was ended in the middle of the run',
  overload: 'the sentinel was too busy to come to it',
  script: 'the script had not reached the sentinel yet',
  storage: "the sentinel's disk took nothing or could not be read, so that no result could have been kept",
} as const satisfies Record<string, string>;

export type SkipReason = keyof typeof skipReasons;
