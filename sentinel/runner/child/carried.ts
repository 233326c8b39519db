/** The packages that a child uses, as they are when they have been loaded. */
export interface Packages {
  playwright: unknown;
  matchers: unknown;
  acorn: unknown;
}

/** Under this global name a snapshot holds what gives them to the child that begins with it; see snapshot-program.ts. */
export const carriedAs = 'vedette packages';
