/** What the command line asks for is not possible as it stands; ends with exit code 2. */
export class UsageFault extends Error {
  override readonly name = 'UsageFault';
}
