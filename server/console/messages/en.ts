/*
 * What the console says, in English; by page. Another language is another file of this type. Sentences of pages that
 * stood before this file are in words.ts.
 */

export const en = {
  run: {
    nextStep: 'Next step',
    /** By error code: what to do, as on the page of error codes in the documentation. */
    nextSteps: {
      ASSERTION: 'look at the screenshot; correct the application, or the script if the change was meant',
      TIMEOUT: "compare the transaction's response times before",
      ELEMENT_NOT_FOUND: 'look at the screenshot; after a renaming, publish a new version',
      NAVIGATION: 'open the address in the same browser',
      HTTP_4XX: "look at the screenshot and the application's log",
      HTTP_5XX: "look at the application's log at that time",
      DNS: 'resolve the name on that device',
      CONNECT: 'connect to host and port from that device',
      TLS: 'renew the certificate; for a test system, set `ignoreHTTPSErrors`',
      PAGE_CRASH: 'run it again; try another version of the browser',
      SCRIPT_ERROR: 'go to the line that the message names',
      SCRIPT_LIMIT: 'shorten the script, or give the monitor more time',
      SCRIPT_UNTRUSTED: 'publish the script again; the message says what did not fit',
      SECRET_MISSING: 'set it on that device with `vedette-sentinel secret set NAME`',
      HOST_DENIED: 'publish again with `--host`, if the host is meant',
      SENTINEL_BROWSER: 'start the browser by hand on that device; the next run starts a fresh one',
      SENTINEL_OVERLOAD: "compare its monitors with how many it can do; look at the device's load at that time",
      SENTINEL_TIMEOUT: 'give the monitor more time',
      SENTINEL_NETWORK: "go by what the message found; check that device's network",
      SENTINEL_SANDBOX: 'the message has its last words; try `bwrap --version` on that device',
    } as Readonly<Record<string, string>>,
    source: (file: string, line: number, column: number) => `${file}, line ${line}, column ${column}`,
    sourceOf: (file: string) => `The script around the place, ${file}`,
    noSource: 'The script of this version is not kept here, so its lines can’t be shown.',
    lastPassed: 'Last passed',
    lastPassedAt: (location: string, response: string) => `at ${location}, ${response}`,
    neverPassed: 'Not in the 31 days before this run',
    noGoodPicture: 'Pictures are taken of runs that go wrong only, so there is none of a good one beside it.',
    openTrace: 'Open the trace',
    traceMeaning: 'each step with the page before and after it, in Playwright’s trace viewer',
    downloadTrace: 'Download',
  },
};
