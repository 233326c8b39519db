/** Ids that are text are UUIDs as they are written. */
export const idLength = 36;
