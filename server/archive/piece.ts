import type { Month } from '../../db/customer/months.ts';

/** What goes into the archive in one go: a month, or (`part` above 0) a supplement of one. */
export interface Piece {
  month: Month;
  part: number;
}

/** `2025-01`, or `2025-01.1` for its first supplement: as files, people and messages call it. */
export function nameOf({ month, part }: Piece): string {
  return part === 0 ? month.name : `${month.name}.${part}`;
}
