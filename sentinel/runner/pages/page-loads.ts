import type { PageLoad, TransactionResult } from '../../protocol/messages.ts';
import type { CdpMessage } from '../browser/pipe.ts';
import type { Connection } from '../gate/connection.ts';
import type { Beginning } from '../progress.ts';
import type { Target } from './recorder.ts';

/** When a document came to what it came to, on the recorder's word; ms, 0 for what has not been. */
export interface DocumentTimes {
  /** Start of its navigation, ms since 1970. */
  origin: number;
  /** The others count from the origin. */
  firstByte: number;
  domReady: number;
  load: number;
  paint: number;
}

/** What a document and the requests it made came to. Times of the machine's monotonic clock, µs. */
export interface LoadedDocument {
  url: string;
  /** When the sentinel heard that it was asked for. */
  heardUs: number;
  /** When the answer began. */
  answeredUs: number;
  /** Origins to which a connection was made for it, or for a redirect on the way to it. */
  connected: Set<string>;
  /** Whether it took the place of the one before. */
  isCommitted: boolean;
  times: DocumentTimes | undefined;
  requests: DocumentRequest[];
}

/** A request of a document, redirects each by itself; bytes received, as far as it has ended. */
interface DocumentRequest {
  heardUs: number;
  bytes: number;
}

export interface PageLoads {
  attach(target: Target): void;
  /** Takes note of a browser's event that passes by. */
  hear(message: CdpMessage): void;
  /** Takes the times of the document that a page shows. */
  timed(sessionId: string, times: DocumentTimes): void;
  /** Main-frame documents that came, in the order they were asked for. */
  documents(): LoadedDocument[];
}

/** Documents and requests of a run that are followed. */
const mostDocuments = 1000;
const mostRequests = 20_000;
const isOverNetwork = /^https?:/;

interface RequestEvent {
  requestId: string;
  loaderId: string;
  type?: string;
  frameId?: string;
  request: { url: string };
  redirectResponse?: Response;
}
interface Response {
  url: string;
  encodedDataLength: number;
  fromDiskCache?: boolean;
  /** 0 if it did not come over the network. */
  connectionId: number;
}

/** Follows the documents that the pages of a run load, from the events that pass between browser and child. */
export function openPageLoads(nowUs: () => number): PageLoads {
  const targets = new Map<string, Target>();
  const documents = new Map<string, LoadedDocument>();
  /** What each page shows now, and to which document each request under way belongs. */
  const shown = new Map<string, LoadedDocument>();
  const underWay = new Map<string, DocumentRequest>();
  /** Connections that have brought an answer. */
  const used = new Set<number>();
  let count = 0;

  const pageOf = ({ sessionId, parent }: Target): string => {
    const above = parent === undefined ? undefined : targets.get(parent);
    return above ? pageOf(above) : sessionId;
  };

  const documentOf = (target: Target, event: RequestEvent): LoadedDocument | undefined => {
    const { requestId, loaderId, type, frameId, request } = event;
    const isMain = type === 'Document' && requestId === loaderId && target.isPage && frameId === target.targetId;
    if (!isMain) return documents.get(loaderId) ?? shown.get(pageOf(target));
    const known = documents.get(loaderId);
    if (known || documents.size >= mostDocuments) return known;
    const heardUs = nowUs();
    const counts = { connected: new Set<string>(), isCommitted: false, times: undefined, requests: [] };
    const document = { url: request.url, heardUs, answeredUs: heardUs, ...counts };
    documents.set(loaderId, document);
    return document;
  };

  const end = (requestId: string, bytes: number) => {
    const request = underWay.get(requestId);
    if (request) request.bytes = Math.max(0, Math.round(bytes));
    underWay.delete(requestId);
  };

  /** Chromium says of one that it opened ahead, for the same document, that it was used before. */
  const isFirstOnItsConnection = ({ connectionId, fromDiskCache }: Response): boolean => {
    if (connectionId <= 0 || fromDiskCache || used.has(connectionId)) return false;
    used.add(connectionId);
    return true;
  };

  const answered = (document: LoadedDocument | undefined, response: Response) => {
    const isFirst = isFirstOnItsConnection(response);
    if (!document) return;
    const { url } = response;
    if (isFirst && URL.canParse(url)) document.connected.add(new URL(url).origin);
    Object.assign(document, { url, answeredUs: nowUs() });
  };

  const ofEvent: Record<string, (target: Target, params: Record<string, unknown>) => void> = {
    'Network.requestWillBeSent'(target, params) {
      const event = params as unknown as RequestEvent;
      if (!isOverNetwork.test(event.request.url)) return;
      end(event.requestId, event.redirectResponse?.encodedDataLength ?? 0);
      const document = documentOf(target, event);
      if (event.redirectResponse) answered(documents.get(event.requestId), event.redirectResponse);
      if (!document || ++count > mostRequests) return;
      const request = { heardUs: nowUs(), bytes: 0 };
      document.requests.push(request);
      underWay.set(event.requestId, request);
    },
    'Network.responseReceived'(_, params) {
      answered(documents.get(String(params.requestId)), params.response as Response);
    },
    'Network.loadingFinished'(_, { requestId, encodedDataLength }) {
      end(String(requestId), Number(encodedDataLength));
    },
    'Network.loadingFailed'(_, { requestId }) {
      end(String(requestId), 0);
    },
    'Page.frameNavigated'(target, params) {
      const { id, loaderId } = params.frame as { id: string; loaderId: string };
      const document = documents.get(loaderId);
      if (!target.isPage || id !== target.targetId) return;
      if (!document) return void shown.delete(target.sessionId);
      document.isCommitted = true;
      shown.set(target.sessionId, document);
    },
  };

  return {
    attach: (target) => void targets.set(target.sessionId, target),
    hear({ method = '', params = {}, sessionId = '' }) {
      const target = targets.get(sessionId);
      if (target) ofEvent[method]?.(target, params);
    },
    timed(sessionId, times) {
      const document = shown.get(sessionId);
      if (document) document.times = times;
    },
    documents: () => [...documents.values()].filter(({ isCommitted }) => isCommitted),
  };
}

/** What a run knows of its pages, to be told per transaction. */
export interface Loaded {
  documents: readonly LoadedDocument[];
  connections: readonly Connection[];
  began: Beginning;
  mask(text: string): string;
}

/** How long before the browser's word of a document the connection for it may have been asked for, µs. */
const aheadUs = 1_000_000;
const mostLoads = 20;

/** A transaction with the documents that were asked for while it was under way. */
export function withPageLoads(transaction: TransactionResult, loaded: Loaded): TransactionResult {
  const { startUs, durationUs } = transaction;
  const own = loaded.documents.filter(({ heardUs }) => {
    const at = heardUs - loaded.began.us;
    return at >= startUs && at <= startUs + durationUs;
  });
  if (own.length === 0 || transaction.outcome === 'skipped') return transaction;
  return {
    ...transaction,
    pageLoads: own.slice(0, mostLoads).map((document) => pageLoad(document, transaction, loaded)),
  };
}

function pageLoad(document: LoadedDocument, during: TransactionResult, { connections, began, mask }: Loaded): PageLoad {
  const { url, heardUs, times } = document;
  const heard = heardUs - began.us;
  // On the browser's clock, which is read a hair differently; it was not before its transaction nor after it was heard of.
  const start = times ? Math.round((times.origin - began.ms) * 1000) : heard;
  // A page that stays open asks for more later, which is no part of its loading.
  const endUs = began.us + during.startUs + during.durationUs;
  const requests = document.requests.filter((request) => request.heardUs <= endUs);
  const { firstByte, domReady, load, paint } = times ?? {};
  return {
    url: mask(url.replace(/[?#].*$/s, '')).slice(0, 2000),
    startUs: Math.min(Math.max(start, during.startUs), heard),
    ...defined({ firstByteUs: firstByte, domReadyUs: domReady, loadUs: load, largestPaintUs: paint }),
    requests: requests.length,
    bytes: requests.reduce((sum, { bytes }) => sum + bytes, 0),
    ...connectionTimes(document, connections),
  };
}

/** What is known, in µs. */
function defined<K extends string>(ms: Record<K, number | undefined>): Partial<Record<K, number>> {
  const known = Object.entries<number | undefined>(ms).flatMap(([name, value]) =>
    value ? [[name, Math.round(value * 1000)]] : [],
  );
  return Object.fromEntries(known) as Partial<Record<K, number>>;
}

function connectionTimes({ url, connected, heardUs, answeredUs }: LoadedDocument, all: readonly Connection[]) {
  if (!URL.canParse(url) || !connected.has(new URL(url).origin)) return {};
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const number = Number(port || (protocol === 'https:' ? 443 : 80));
  const distance = ({ atUs }: Connection) => Math.abs(atUs - heardUs);
  const [found] = all
    .filter((c) => c.host === host && c.port === number && c.atUs >= heardUs - aheadUs && c.atUs <= answeredUs)
    .sort((a, b) => distance(a) - distance(b));
  if (!found) return {};
  const { host: _, port: __, atUs: ___, ...times } = found;
  return times;
}
