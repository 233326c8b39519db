import type { IncomingMessage, ServerResponse } from 'node:http';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { Admissions } from '../http/admissions.ts';
import type { ServerContext } from '../http/context.ts';
import { namesOneHost } from '../http/one-host.ts';
import { isRepeat } from '../http/settle-holder.ts';
import { type Begin, News, preferredWait, type Question } from './news.ts';
import { Snapshots } from './snapshots.ts';

/**
 * Who asks for news, what there is, and who waits for it. It stands before the service: the question that all sentinels
 * have open all the time, of a known one to whom nothing is new, goes through nothing else, and nothing else is kept of it.
 */
export class NewsDesk {
  readonly admissions: Admissions;
  readonly snapshots: Snapshots;
  readonly news: News;
  readonly #server: ServerContext;
  readonly #service: Begin;

  /** `service` answers whatever is more than that. */
  constructor(server: ServerContext, service: Begin) {
    this.#server = server;
    this.#service = service;
    this.admissions = new Admissions(server);
    this.snapshots = new Snapshots(server);
    this.news = new News(server, service);
  }

  readonly handle: Begin = (request, answer) => {
    const question = this.#openQuestion(request, answer);
    if (!question || !this.#keepOpen(question)) this.#service(request, answer);
  };

  /** The request as a question to which there is no news, if it is one and that is known without looking anything up. */
  #openQuestion(request: IncomingMessage, answer: ServerResponse): Question | undefined {
    const { 'if-none-match': etag = '', prefer = '' } = request.headers;
    if (request.url !== `${apiPrefix}/assignments` || request.method !== 'GET' || etag === '') return undefined;
    const sentinel = namesOneHost(request) ? this.admissions.known(request) : undefined;
    if (!sentinel || this.snapshots.known(sentinel)?.etag !== etag) return undefined;
    return { request, answer, sentinel, etag, waitS: preferredWait(String(prefer)) };
  }

  #keepOpen(question: Question): boolean {
    const { request, sentinel } = question;
    // A stopping server answers itself, and so does one that must refuse it: the counter is looked at once.
    if (question.waitS === 0 || this.#server.stopping.signal.aborted) return false;
    if (isRepeat(this.#server, sentinel.sentinelId, request)) return false;
    this.#server.events.emit('sentinelSeen', sentinel, request.socket);
    return this.news.keepOpen(question, this.news.changes);
  }
}
