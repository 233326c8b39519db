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
  'oidc-login': {
    title: 'OpenID Connect login',
    needs: [
      { name: 'LOGIN_LINK', example: 'Sign in' },
      { name: 'USER_LABEL', example: 'User' },
      { name: 'PASSWORD_LABEL', example: 'Password' },
      { name: 'SIGN_IN', example: 'Continue' },
      { name: 'WELCOME', example: 'Welcome' },
      { name: 'LOGIN_USER', example: 'demo' },
      { name: 'LOGIN_PASSWORD' },
    ],
  },
  'totp-login': {
    title: 'Login with a second factor',
    needs: [
      { name: 'USER_LABEL', example: 'User' },
      { name: 'PASSWORD_LABEL', example: 'Password' },
      { name: 'SIGN_IN', example: 'Sign in' },
      { name: 'CODE_LABEL', example: 'Code' },
      { name: 'VERIFY', example: 'Verify' },
      { name: 'WELCOME', example: 'Welcome' },
      { name: 'LOGIN_USER', example: 'demo' },
      { name: 'LOGIN_PASSWORD' },
      { name: 'TOTP_SECRET' },
    ],
    with: ['totp.ts'],
  },
  'basic-auth': {
    title: 'Basic authentication',
    needs: [
      { name: 'WELCOME', example: 'Welcome' },
      { name: 'LOGIN_USER', example: 'demo' },
      { name: 'LOGIN_PASSWORD' },
    ],
  },
  'search-open': {
    title: 'Search and open',
    needs: [
      { name: 'SEARCH_LABEL', example: 'Search' },
      { name: 'QUESTION', example: 'tea' },
      { name: 'RESULT', example: 'Sencha' },
    ],
  },
  'file-download': {
    title: 'File download',
    needs: [
      { name: 'DOWNLOAD', example: 'Download' },
      { name: 'FILE_NAME', example: '' },
      { name: 'BEGINS_WITH', example: '' },
      { name: 'LEAST_BYTES', example: '1' },
    ],
  },
  basket: {
    title: 'Shopping basket',
    needs: [
      { name: 'ADD', example: 'Add to basket' },
      { name: 'BASKET', example: 'Basket' },
      { name: 'PRODUCT', example: 'Sencha' },
      { name: 'REMOVE', example: 'Remove' },
      { name: 'EMPTY', example: 'is empty' },
    ],
  },
  'api-requests': {
    title: 'API',
    needs: [
      { name: 'LOGIN_PATH', example: './login' },
      { name: 'USER_FIELD', example: 'user' },
      { name: 'PASSWORD_FIELD', example: 'password' },
      { name: 'TOKEN_FIELD', example: 'token' },
      { name: 'LIST_PATH', example: './items' },
      { name: 'LEAST_ITEMS', example: '1' },
      { name: 'LOGIN_USER', example: 'demo' },
      { name: 'LOGIN_PASSWORD' },
    ],
  },
  'single-page': {
    title: 'Single-page application',
    needs: [
      { name: 'READY', example: 'Overview' },
      { name: 'LINK', example: 'Details' },
      { name: 'SHOWN', example: 'Details' },
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
