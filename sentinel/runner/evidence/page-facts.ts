import type { PageFacts } from '../../protocol/messages.ts';
import type { CdpMessage } from '../browser/pipe.ts';
import { clean } from '../text.ts';

/** What went wrong in the pages of a run, as the browser told of it. */
export interface PageNotes {
  /** Takes note of an event of one of the run's pages. */
  take(message: CdpMessage): void;
  /** What is known by now, masked; the last ones of each kind. */
  facts(where: { url?: string; title?: string }, mask: (text: string) => string): PageFacts;
}

const mostKept = 20;
/** Requests under way that are remembered; a page that begins more has the oldest forgotten. */
const mostRequests = 2000;
/** Longer than what is sent, since secrets are taken out before it is cut. */
const longest = 5000;

interface FailedRequest {
  method: string;
  url: string;
  status?: number;
  error?: string;
}

type Params = Record<string, unknown>;

/** Playwright has these domains of the protocol (`Runtime`, `Log`, `Network`) enabled in every page it opens. */
export function pageNotes(): PageNotes {
  const consoleErrors: string[] = [];
  const failedRequests: FailedRequest[] = [];
  const requests = new Map<string, { method: string; url: string }>();

  const keep = <T>(list: T[], item: T) => {
    list.push(item);
    if (list.length > mostKept) list.shift();
  };
  const complain = (text: string) => keep(consoleErrors, clean(text, longest));
  const fail = (key: string, how: { status?: number; error?: string }) => {
    const request = requests.get(key);
    if (request) keep(failedRequests, { ...request, ...how });
  };

  const ofEvent: Record<string, (params: Params, key: string) => void> = {
    'Runtime.consoleAPICalled'({ type, args }) {
      if ((type === 'error' || type === 'assert') && Array.isArray(args)) complain(args.map(inWords).join(' '));
    },
    'Runtime.exceptionThrown'({ exceptionDetails }) {
      const { text, exception } = (exceptionDetails ?? {}) as { text?: string; exception?: unknown };
      complain([text, exception === undefined ? '' : inWords(exception)].join(' ').trim());
    },
    'Log.entryAdded'({ entry }) {
      const { level, source, text, url } = (entry ?? {}) as Record<string, unknown>;
      // What the network could not do is told with the failed requests.
      if (level === 'error' && source !== 'network') complain([text, url].filter(Boolean).join(' '));
    },
    'Network.requestWillBeSent'({ request, redirectResponse }, key) {
      if (redirectResponse) requests.delete(key);
      const { method, url, urlFragment = '' } = (request ?? {}) as Record<string, string>;
      requests.set(key, { method: clean(String(method), 20), url: clean(`${url}${urlFragment}`, longest) });
      const [oldest] = requests.size > mostRequests ? requests.keys() : [];
      if (oldest !== undefined) requests.delete(oldest);
    },
    'Network.responseReceived'({ response }, key) {
      const { status } = (response ?? {}) as { status?: unknown };
      if (typeof status === 'number' && status >= 400) fail(key, { status });
    },
    'Network.loadingFailed'({ errorText, blockedReason, canceled }, key) {
      if (canceled !== true) fail(key, { error: clean(String(blockedReason ?? errorText), longest) });
      requests.delete(key);
    },
    'Network.loadingFinished': (_, key) => void requests.delete(key),
  };

  return {
    take({ method = '', params = {}, sessionId }) {
      ofEvent[method]?.(params, `${sessionId} ${params.requestId}`);
    },

    facts({ url, title }, mask) {
      const text = (of: string, most: number) => clean(mask(of), most).trim() || '-';
      return {
        ...(url ? { url: text(url, 2000) } : {}),
        ...(title ? { title: text(title, 500) } : {}),
        consoleErrors: consoleErrors.map((error) => text(error, 500)),
        failedRequests: failedRequests.map(({ method, url: asked, status, error }) => ({
          method: text(method, 20),
          url: text(asked, 500),
          ...(status === undefined ? {} : { status }),
          ...(error === undefined ? {} : { error: text(error, 200) }),
        })),
      };
    },
  };
}

/** A value of the page as its console would show it. */
function inWords(value: unknown): string {
  const { type, value: plain, description, preview } = (value ?? {}) as Record<string, unknown>;
  if (type === 'string') return String(plain);
  const { properties } = (preview ?? {}) as { properties?: { name: string; value?: string }[] };
  if (properties && description === 'Object')
    return `{${properties.map((p) => `${p.name}: ${p.value ?? ''}`).join(', ')}}`;
  return String(description ?? plain ?? type);
}
