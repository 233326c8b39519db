import path from 'node:path';
import { suggestion } from '../config/faults.ts';
import { Misuse } from '../failure.ts';

/** What has to be filled in before a flow works: a plain value with an example, or a secret. */
type Need = { name: string; example: string } | { name: string };

interface Written {
  title: string;
  needs: readonly Need[];
  /** Files that the script imports. */
  with?: readonly string[];
}

/** A ready flow of the library. */
export interface Flow extends Written {
  name: string;
  /** The script first, then what it imports. */
  files: string[];
}

const written: Record<string, Written> = {
  'form-login': {
    title: 'Form login',
    needs: [
      { name: 'USER_LABEL', example: 'User' },
      { name: 'PASSWORD_LABEL', example: 'Password' },
      { name: 'SIGN_IN', example: 'Sign in' },
      { name: 'WELCOME', example: 'Welcome' },
      { name: 'LOGIN_USER', example: 'demo' },
      { name: 'LOGIN_PASSWORD' },
    ],
  },
};

/** All flows, in the order in which they are listed. */
export const flows: readonly Flow[] = Object.entries(written).map(([name, flow]) => ({
  ...{ name, ...flow },
  files: [`${name}.spec.ts`, ...(flow.with ?? [])].map((file) => path.join(import.meta.dirname, '..', name, file)),
}));

/** Throws `Misuse` if there is none of that name. */
export function flowNamed(name: string): Flow {
  const flow = flows.find((one) => one.name === name);
  if (flow) return flow;
  throw new Misuse(
    `There is no flow "${name}"; ${suggestion(
      name,
      flows.map((one) => one.name),
    )}`,
  );
}
