/** What came of a kind of fault: what was found wrong, and figures; or why it could not be done on this machine. */
export type Report =
  | { bar: string; notRun: string }
  | { bar: string; faults: string[]; figures: Record<string, number> };
