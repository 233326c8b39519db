/**
 * Every way a transaction or run can go wrong, and whose fault it is. The list is closed: a new code is a change of the
 * protocol. `blame` decides the outcome (`application` → failed, otherwise errored) and so what counts in availability.
 */
export const errorCodes = {
  ASSERTION: { blame: 'application', meaning: 'something the script expects to see was not so' },
  TIMEOUT: { blame: 'application', meaning: 'the application did not answer within the time allowed' },
  ELEMENT_NOT_FOUND: { blame: 'application', meaning: 'an element the script needs is not on the page' },
  NAVIGATION: { blame: 'application', meaning: 'the browser could not open the page' },
  HTTP_4XX: { blame: 'application', meaning: 'the application answered that the request was wrong (HTTP 400 to 499)' },
  HTTP_5XX: { blame: 'application', meaning: 'the application answered that it failed (HTTP 500 to 599)' },
  DNS: { blame: 'application', meaning: "the application's host name could not be resolved" },
  CONNECT: { blame: 'application', meaning: 'no connection to the application could be made' },
  TLS: { blame: 'application', meaning: "the application's certificate or encryption was not acceptable" },
  PAGE_CRASH: { blame: 'application', meaning: 'the page crashed in the browser' },
  SCRIPT_ERROR: { blame: 'script', meaning: 'the script itself went wrong' },
  SCRIPT_LIMIT: { blame: 'script', meaning: 'the script used more time, memory or processor than it may' },
  SCRIPT_UNTRUSTED: { blame: 'script', meaning: 'the script is not signed by a key this sentinel trusts' },
  SECRET_MISSING: { blame: 'script', meaning: 'the script reads a secret that this sentinel does not have' },
  HOST_DENIED: { blame: 'script', meaning: 'the script went to a host that it may not reach' },
  SENTINEL_BROWSER: { blame: 'sentinel', meaning: 'the browser could not be started, or died' },
  SENTINEL_OVERLOAD: {
    blame: 'sentinel',
    meaning: 'the run was not started, or could not be trusted: this device was too busy',
  },
  SENTINEL_TIMEOUT: { blame: 'sentinel', meaning: 'the sentinel could not finish the run in time' },
  SENTINEL_NETWORK: { blame: 'sentinel', meaning: "the sentinel's own network was down" },
  SENTINEL_SANDBOX: { blame: 'sentinel', meaning: 'the sandbox for the script could not be set up' },
} as const satisfies Record<string, { blame: 'application' | 'script' | 'sentinel'; meaning: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** What an error code makes of the transaction or run it ends. */
export function outcomeOf(code: ErrorCode): 'failed' | 'errored' {
  return errorCodes[code].blame === 'application' ? 'failed' : 'errored';
}
