/** What can be wrong with a script, before it ever runs. */
export const faultCodes = [
  'SYNTAX',
  'IMPORT',
  'IMPORT_DYNAMIC',
  'IMPORT_MISSING',
  'IMPORT_OUTSIDE',
  'NO_TEST',
  'TEST_MEMBER',
  'FIXTURE',
  'OPTION',
  'SNAPSHOT',
  'ENVIRONMENT',
  'TOP_LEVEL_AWAIT',
] as const;
export type FaultCode = (typeof faultCodes)[number];

/** Where in which file of the author something is wrong, and the sentence that says how to mend it. */
export interface Fault {
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  code: FaultCode;
  message: string;
}

/** A script that can't be published, with every fault that was found, in the order of the files' lines. */
export class ScriptRefused extends Error {
  readonly faults: readonly Fault[];

  constructor(path: string, faults: readonly Fault[]) {
    super(`${path} cannot be published:\n${faults.map(faultLine).join('\n')}`);
    this.name = 'ScriptRefused';
    this.faults = faults;
  }
}

/** A fault in the form that editors and terminals make a link of. */
export function faultLine({ file, line, column, code, message }: Fault): string {
  return `${file}:${line}:${column}  ${code}  ${message}`;
}

export function inOrder(faults: readonly Fault[]): Fault[] {
  return faults.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}
