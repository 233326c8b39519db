/** Something is not as it must be for a month to leave the database, or for one to be believed; nothing was removed. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
}
