import { count } from '../format.ts';

/*
 * Every sentence the console says. Words are those of docs/vocabulary; a sentence says what is so, and where something
 * is wrong also what to do next.
 */

export const stateWords = {
  up: 'Up',
  degraded: 'Degraded',
  failing: 'Failing',
  noData: 'No data',
  paused: 'Paused',
} as const;

/** Why runs that were due were not begun. */
export const skipWords: Readonly<Record<string, string>> = {
  paused: 'paused on the device',
  hours: 'outside the hours the device allows',
  asleep: 'device asleep',
  off: 'sentinel off',
  overload: 'device too busy',
  script: 'script not there yet',
  storage: 'disk full',
  run: 'as the run says',
};

export const outcomeWords = { passed: 'Passed', failed: 'Failed', errored: 'Errored', skipped: 'Skipped' } as const;

export const outcomeMeanings = {
  passed: 'every transaction did what the script expects',
  failed: 'the application did not do what the script expects',
  errored: 'script, browser or sentinel could not do the run; it does not count against the application',
  skipped: 'the run was not done, and says why',
} as const;

export const spanWords = {
  '1h': 'Hour',
  '6h': '6 h',
  '24h': '24 h',
  '7d': '7 days',
  '30d': '30 days',
  '90d': '90 days',
  '18mo': '18 months',
  all: 'All time',
} as const;
export const spanSentences = {
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
  '90d': 'Last 90 days',
  '18mo': 'Last 18 months',
  all: 'All that was measured',
} as const;

/** What an error code means, as the end of "failed: …". */
export const codeMeanings: Readonly<Record<string, string>> = {
  ASSERTION: 'something the script expects to see was not so',
  TIMEOUT: 'the application did not answer within the time allowed',
  ELEMENT_NOT_FOUND: 'an element the script needs was not on the page',
  NAVIGATION: 'the browser could not open the page',
  HTTP_4XX: 'the application refused the request',
  HTTP_5XX: 'the application answered with an error of its own',
  DNS: "the application's host name could not be resolved",
  CONNECT: 'no connection to the application could be made',
  TLS: "the application's certificate or encryption was not acceptable",
  PAGE_CRASH: 'the page crashed in the browser',
  SCRIPT_ERROR: 'the script itself went wrong',
  SCRIPT_LIMIT: 'the script used more time, memory or processor than it may',
  SCRIPT_UNTRUSTED: 'the script is not signed by a key this sentinel trusts',
  SECRET_MISSING: 'the script reads a secret that this sentinel does not have',
  HOST_DENIED: 'the script went to a host that it may not reach',
  SENTINEL_BROWSER: 'the browser could not be started, or died',
  SENTINEL_OVERLOAD: 'the device was too busy for the run',
  SENTINEL_TIMEOUT: 'the sentinel could not finish the run in time',
  SENTINEL_NETWORK: "the sentinel's own network was down",
  SENTINEL_SANDBOX: 'the sandbox for the script could not be set up',
};

export const reasonWords: Readonly<Record<string, string>> = {
  NOT_REACHED: 'not reached: a transaction before it went wrong',
};

/** How a script was kept in, from the level that a run reports. */
export const sandboxLevels: Readonly<Record<number, string>> = {
  3: 'Sealed off: no network, no files, no processes of its own (level 3)',
  2: "Kept in by the platform's own means (level 2)",
  1: "Kept in by Node's permission model alone (level 1)",
};

/** "Checkout failed at Utrecht 3 times since 10:42: the application answered POST /checkout with HTTP 500". */
export function troubleSentence(trouble: {
  transaction: string | null;
  errorCode: string | null;
  message: string | null;
  since: string;
  count: number;
  locations: readonly string[];
}): string {
  const where = trouble.locations.length === 0 ? '' : ` at ${listed(trouble.locations)}`;
  const often = trouble.count === 1 ? `once, at ${trouble.since}` : `${times(trouble.count)} since ${trouble.since}`;
  const what = trouble.transaction ?? 'The run';
  return `${what} failed${where} ${often}: ${because(trouble.errorCode ?? '', trouble.message ?? '')}`;
}

/** Why, in a service manager's words: what the message names (a button, an HTTP status) or else what the code means. */
export function because(code: string, message: string): string {
  const meaning = codeMeanings[code] ?? (firstLine(message) || 'no reason was reported');
  if (code === 'ELEMENT_NOT_FOUND') return named(message, 'was not found') ?? meaning;
  if (code === 'ASSERTION') return named(message, 'was not as expected') ?? meaning;
  if (code === 'TIMEOUT') return named(message, 'did not appear or answer in time') ?? meaning;
  if (code === 'HTTP_4XX' || code === 'HTTP_5XX') return answered(message) ?? meaning;
  return meaning;
}

// getByRole('button', { name: 'Sign in' }) → the button ‘Sign in’
function named(message: string, ending: string): string | undefined {
  const role = /getByRole\('(\w+)'(?:, \{ name: (?:'([^']*)'|\/([^/]*)\/))?/.exec(message);
  if (role) return `the ${role[1]}${quoted(role[2] ?? role[3])} ${ending}`;
  const by = /getBy(Label|Text|Placeholder|TestId|Title|AltText)\((?:'([^']*)'|\/([^/]*)\/)/.exec(message);
  if (!by) return undefined;
  const kinds: Record<string, string> = {
    Label: 'the field',
    Text: 'the text',
    Placeholder: 'the field',
    AltText: 'the image',
  };
  return `${kinds[by[1] ?? ''] ?? 'the element'}${quoted(by[2] ?? by[3])} ${ending}`;
}

function answered(message: string): string | undefined {
  const status = /\b([45]\d\d)\b/.exec(message)?.[1];
  if (!status) return undefined;
  const path = /https?:\/\/[^/\s]+(\/[^\s?#'"]*)/.exec(message)?.[1]?.replace(/[:.,;)]+$/, '');
  return `the application answered ${path ? `${path} ` : ''}with HTTP ${status}`;
}

function quoted(text: string | undefined): string {
  return text ? ` ‘${text}’` : '';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

export function times(n: number): string {
  return n === 2 ? 'twice' : `${n} times`;
}

/** `Utrecht`, `Utrecht and Delft`, `Utrecht, Delft and 3 more`. */
export function listed(names: readonly string[]): string {
  if (names.length <= 1) return names.join('');
  if (names.length === 2) return names.join(' and ');
  if (names.length === 3) return `${names.slice(0, 2).join(', ')} and ${names[2]}`;
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
}

/** `1 run`, `12 runs`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** The headline of an overview: the worst first, then what is well. */
export function overviewHeadline(states: readonly string[]): string {
  const of = (state: string) => states.filter((s) => s === state).length;
  const [failing, degraded, noData] = [of('failing'), of('degraded'), of('noData')];
  if (states.length === 0) return 'No monitors yet';
  if (failing + degraded + noData === 0)
    return states.length === 1 ? 'The monitor is up' : `All ${states.length} monitors are fine`;
  const parts = [
    failing > 0 ? `${failing} failing` : '',
    degraded > 0 ? `${degraded} degraded` : '',
    noData > 0 ? `${noData} without data` : '',
  ].filter(Boolean);
  return `${parts.join(', ')} of ${plural(states.length, 'monitor')}`;
}

export const words = {
  product: 'Vedette',
  skipLink: 'Skip to the content',
  navigation: 'Main navigation',
  openNavigation: 'Open the navigation',
  customer: 'Customer',
  customers: 'Customers',
  allCustomers: 'All customers',
  overview: 'Overview',
  monitors: 'Monitors',
  sentinels: 'Sentinels',
  users: 'Users',
  cancel: 'Cancel',
  signOut: 'Sign out',
  signOutFailed: 'You are still signed in: the server does not answer. Try again.',
  account: 'Account',
  keys: 'Keys',
  appearance: 'Appearance',
  light: 'Light',
  dark: 'Dark',
  system: 'As the system',
  role: {
    viewer: 'Viewer',
    author: 'Author',
    admin: 'Administrator',
    operator: 'Operator',
    'operator-admin': 'Operator, administrator',
  },

  signIn: {
    title: 'Sign in',
    lead: 'See how your applications answer, from where your people sit.',
    name: 'Name',
    password: 'Password',
    button: 'Sign in',
    onward: 'Sign in, and you are taken to the page you asked for.',
    aMoment: 'a few minutes',
    missing: 'Fill in your name and your password.',
  },

  availability: 'Availability',
  coverage: 'Coverage',
  coverageRule: 'Runs that reported, of those expected. A gap is never counted as up.',
  runs: 'Runs',
  lastRun: 'Last run',
  never: 'never',
  states: 'States',
  lost: 'Lost',
  every: (span: string) => `every ${span}`,
  cron: (expression: string) => `cron ${expression}`,
  since: (when: string) => `since ${when}`,

  operator: {
    lead: 'The last 24 hours',
    note: 'You see every customer at a glance here. Into a customer’s own pages you enter for a reason, and the customer sees what you open.',
    noMonitors: 'no monitors',
    unreadable: 'The database cannot be read: see the log of the server',
    suspended: 'suspended',
  },

  audit: {
    title: 'Audit',
    lead: 'Who did what, newest first. Entries can only be added; one that was changed or taken out would show.',
    providerLead: 'What was done on this server, newest first. Each customer has a trail of its own.',
    when: 'When',
    who: 'Who',
    what: 'What',
    details: 'Details',
    person: 'Person',
    action: 'Action',
    any: 'Any',
    older: 'Show older entries',
    download: 'Download all',
    empty: 'Nothing was written down in this period',
    emptyNext: 'Choose a longer period at the top of the page, or another person or action.',
    kinds: { user: '', operator: 'operator', token: 'token', sentinel: 'sentinel', server: '' },
  },

  overviewEmpty: 'No monitors yet',
  overviewEmptyNext:
    'A monitor runs a script on a schedule. Make one under Monitors, or deploy one with vedette: it shows here within seconds.',
  noRuns: 'No runs yet',
  noRunsNext:
    'The first one shows here by itself, at the next time of its schedule. Nothing comes? Look whether its sentinels are connected.',
  noRunsInPeriod: 'No runs in this period',
  noRunsInPeriodNext: 'Choose a longer period at the top of the page.',
  noRunsOfOutcome: (outcome: string) => `No ${outcome} runs`,
  noRunsOfOutcomeNext: 'Choose another outcome, or all of them.',

  overviewPage: {
    lead: (when: string) => `The last 24 hours, changes against the same a week before. As of ${when}.`,
    untagged: 'Without a tag',
    filter: 'Filter by name, tag, script, location …',
    states: 'Which states',
    group: 'Group by',
    groups: { none: 'Not grouped', tag: 'By tag', location: 'By location', script: 'By script' },
    none: 'No monitor is like that',
    noneNext: 'Change what you typed, or show all.',
    showAll: 'Show all',
    monitor: 'Monitor',
    change: 'Change',
    changeMeaning: 'Of the 95th percentile, against the same 24 hours a week before',
    p95Meaning: 'How long 95 of 100 passed runs took at most, from beginning to end',
    allLocations: 'All locations',
    hours: 'The last 24 hours',
    notThere: 'not run here',
    stripSummary: (name: string, hours: { failing: number; slow: number; none: number }) =>
      `${name}: ${plural(hours.failing, 'hour')} with failures, ${plural(hours.slow, 'slow hour')}, ${plural(hours.none, 'hour')} without data`,
    hourCounts: (passed: string, failed: string, errored: string) =>
      `${passed} passed, ${failed} failed, ${errored} errored`,
    slow: 'slow',
    legend: 'An hour each:',
    legendHours: {
      passed: 'passed',
      slow: 'slow: a threshold was exceeded or, without thresholds, runs took half as long again as usual',
      failing1: 'less than a tenth failed',
      failing2: 'less than half failed',
      failing3: 'half or more failed',
      errored: 'errored only',
      none: 'no data',
    },
  },

  transaction: 'Transaction',
  transactions: 'Transactions',
  responseTime: 'Response time',
  responseTimeMeaning: 'On the browser’s clock: from the click to the change that was waited for',
  duration: 'Duration',
  durationMeaning: 'On the script’s clock: everything the transaction did',
  median: 'Median',
  p95: '95th percentile',
  p95Short: 'p95',
  last: 'Last',
  failures: 'Failures',
  time: 'Time',
  chart: 'Chart',
  table: 'Table',
  together: 'Together',
  apart: 'Apart',
  showAllRows: (n: string) => `Show all ${n} rows`,
  chartHow:
    'Thick line: median. Thin line: 95th percentile. Dashed: threshold. ■ on the axis: a failed run. Drag to zoom in, Esc goes back.',
  chartKeys:
    'Arrow keys move the cursor, plus and minus zoom, Enter opens the nearest failed run, t shows the same figures as a table.',
  chartDots: 'Dot: a single result.',
  chartBefore: 'Dotted: the period before.',
  chartMaintenance: 'Hatched: maintenance.',
  compare: 'Compare',
  compareMeaning: 'Draw the medians of the period before, equally long',
  beforeShort: 'before',
  maintenance: 'Maintenance',
  chartBegins: (when: string) => `The axis begins at ${when}, shortly before the first run.`,
  chartLabel: (names: string, period: string) => `Chart of the response times of ${names}, ${period}`,
  showTransaction: (name: string) => `Show ${name} in the chart`,
  steps: { minute: 'by the minute', hour: 'by the hour', day: 'by the day' },

  failuresPage: {
    headline: (kinds: string, runs: string) => `${kinds}, ${runs}`,
    noneTitle: 'No failures',
    none: 'Nothing went wrong in this period',
    noneNext: 'Choose a longer period at the top of the page to see what went wrong earlier.',
    noneLikeThat: 'No failure is like that',
    noneLikeThatNext: 'Choose another monitor, location or code, or all of them.',
    filters: {
      monitor: { name: 'Monitor', all: 'All monitors' },
      location: { name: 'Location', all: 'All locations' },
      code: { name: 'Error code', all: 'All error codes' },
    },
    over: 'Over the period',
    firstSeen: 'First seen',
    lastSeen: 'Last seen',
    locations: 'Locations',
    newestRun: 'Newest run',
    of: (transaction: string, monitor: string) => `of ${transaction}, ${monitor}`,
    spark: (most: string, part: number, parts: number) =>
      `At most ${most} in a part of the period, part ${part} of ${parts}`,
    more: (shown: number, total: number) =>
      `The last ${shown} of ${total} are shown: choose a shorter period or a monitor.`,
    how: 'Runs that failed or errored in the same transaction with the same code and message are one kind; numbers, ids and what stands in quotes make no difference. Of a failed run and its confirming one only one counts.',
    likeThis: 'Runs like this one',
    noRuns: 'No such runs in this period',
    noRunsNext: 'Choose a longer period at the top of the page. Runs of months in the archive are no longer listed.',
  },
  compared: 'Compared',
  wholeRun: 'The whole run',
  week: {
    title: 'Hours of the week',
    as: { p95: 'p95', availability: 'Availability' },
    day: 'Day',
    days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
    hours: Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0')),
    cell: (availability: string, p95: string, passed: number, failed: number) =>
      `Availability ${availability}, p95 ${p95}: ${passed} passed, ${failed} failed`,
    how: (zone: string, period: string) =>
      `Darker: slower than the usual hour by a tenth, a quarter, half, twice; or more of it failing. Hours of ${zone}, ${period}; of longer periods the last eight weeks.`,
  },
  locations: {
    title: 'Locations',
    how: 'Full bar: median. Pale bar: 95th percentile.',
    drawing: 'Median and 95th percentile as bars',
  },

  period: 'Period',
  customPeriod: 'Custom',
  from: 'From',
  to: 'To',
  apply: 'Show',
  periodBackwards: 'The end must lie after the beginning.',

  outcome: 'Outcome',
  all: 'All',
  started: 'Started',
  whatWentWrong: 'What went wrong',
  where: 'Location',
  sentinel: 'Sentinel',
  runPages: 'Pages of runs',
  newest: 'Newest',
  newer: 'Newer',
  older: 'Older',
  hasScreenshot: 'with screenshot',
  runOf: 'Run of',
  aRun: 'Run',
  previousRun: 'Previous run',
  nextRun: 'Next run',
  waterfallHow: 'Full bar: response time. Pale bar: duration on the script’s clock. Line below: a page that loaded.',

  errorTitle: 'What went wrong',
  inScript: 'In the script',
  screenshot: 'Screenshot',
  screenshotAlt: (what: string) => `The page as the sentinel saw it when ${what}`,
  openScreenshot: 'Open the screenshot',
  openPassedScreenshot: 'Open the screenshot of it passing',
  openImage: 'Open as a file',
  close: 'Close',
  noScreenshot: 'No screenshot',
  noScreenshotNeeded: 'Screenshots are taken of runs that go wrong.',
  screenshotWrong: 'In this run',
  screenshotPassed: (transaction: string) => `When ${transaction} passed`,
  pictureTakenAt: (location: string, sentinel: string) => `${location} · ${sentinel}`,
  noPassedPicture: 'No screenshot of it passing',
  noPassedPictureWhy: {
    monitor: 'Its monitor asks for none; that can be changed in its settings.',
    sentinel: 'The device of this sentinel allows no screenshots of what passes.',
    'not yet': 'None has come yet: of a run that passes sentinels take them once a day, of ten transactions at most.',
  },
  noScreenshotRestored: 'There was none when its month was archived.',
  passedScreenshotGone: 'It is no longer there: a newer one has come meanwhile, or it made room. Load the page again.',
  screenshotOnItsWay: 'The screenshot has not arrived yet; the sentinel sends it after the run.',
  ariaSnapshot: 'ARIA snapshot',
  ariaMeaning: 'the page as a screen reader would tell it',
  trace: 'Playwright trace',

  page: 'The page then',
  consoleErrors: 'Console errors',
  failedRequests: 'Failed requests',
  noAnswer: 'no answer',
  deniedHosts: 'Hosts that the run may not reach',

  pageLoads: 'Page loads',
  pageLoadsHow: 'On the browser’s clock, from the navigation’s start. DNS, connect and TLS as the gate saw them.',
  address: 'Address',
  requests: 'Requests',
  transferred: 'Received',
  loadTimes: {
    dnsUs: { short: 'DNS', meaning: 'Time to resolve the name' },
    connectUs: { short: 'Connect', meaning: 'Time to open the connection' },
    tlsUs: { short: 'TLS', meaning: 'Time to encrypt the connection' },
    firstByteUs: { short: 'First byte', meaning: 'Until the answer began' },
    domReadyUs: { short: 'DOM ready', meaning: 'Until the document was read' },
    loadUs: { short: 'Load', meaning: 'Until all that belongs to it was there' },
    largestPaintUs: { short: 'Largest paint', meaning: 'Until its largest content was painted' },
  },

  retriedMark: 'Not counted',
  retriedMeaning: 'Failed, and was done once more at once; the second run counts',
  confirmingMark: 'Confirming',
  confirmingMeaning: 'Done at once after a failed run, to confirm it',
  retried: {
    counts: 'This failed run counts, unless the one that was to confirm it still comes and passes or fails.',
    doesNotCount: 'This run failed and was done once more at once. It is in no figure: the second one counts.',
    other: 'Show the second run',
  },
  confirming: {
    counts: 'This run confirms or refutes one that had failed just before. It counts in place of that one.',
    doesNotCount: 'This run was to confirm one that had failed just before, but decided nothing. That one counts.',
    other: 'Show the first run',
  },

  device: 'Device',
  deviceFacts: (cpu: string, memory: string, stall: string) =>
    `Processors ${cpu} in use, ${memory} of memory free, held up for ${stall} at most`,
  network: 'Network',
  networkFacts: {
    interface: { true: 'connected', false: 'not connected' },
    resolver: { true: 'names are resolved', false: 'no names are resolved' },
    server: { true: 'this server answers', false: 'this server does not answer' },
  },
  browserDied: 'The browser had died',
  used: 'Used',
  usedFacts: (cpu: string, memory: string) => `${cpu} of processor time, ${memory} of memory at its peak`,

  facts: 'Facts',
  location: 'Location',
  due: 'Due',
  received: 'Received',
  clockOffset: 'Clock offset',
  clockOffsetMeaning: 'Server’s clock minus the sentinel’s; times here are corrected by it',
  clockOffsetUnknown: 'not measured',
  sandbox: 'Sandbox',
  noSandbox: 'The script was not started',
  browser: 'Browser',
  noBrowser: 'none was started',
  script: 'Script',
  version: (n: number) => `version ${n}`,
  runId: 'Run id',

  loading: 'Loading',
  tryAgain: 'Try again',
  failedToLoad: 'This could not be loaded',
  unreachable: 'The server does not answer. Check your connection; this page tries again by itself.',
  serverFailed: 'The server could not do this. Try again in a moment; if it stays, tell the operator when it was.',
  stale: (when: string) => `The server does not answer. These figures are from ${when}.`,
  notFound: 'Nothing here',
  notFoundNext: 'The address is wrong, the thing is gone, or it is not yours to see.',
  home: 'Go to the start',
  crashed: 'This page broke',
  crashedNext: 'That is a fault of Vedette, not of your application. Load the page again.',
  reload: 'Load again',

  keyHelp: {
    help: 'Show these keys',
    overview: 'Go to the overview',
    filter: 'Filter',
    failures: 'Go to the failures',
    sentinels: 'Go to the sentinels',
    table: 'Switch between chart and table',
    previousRun: 'Previous run',
    nextRun: 'Next run',
    screenshot: 'Open the screenshot',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    zoomBack: 'Back to before the zoom',
    compare: 'Compare with the period before',
    spans: 'Choose the period, shortest to longest',
  },
} as const;
