import { join } from 'node:path';
import { openAuthority } from '../../certs/authority.ts';
import { givenFile, leafOf, readGiven } from '../../certs/given-certificate.ts';
import { authorityMark } from '../../certs/rotate.ts';
import type { ServerContext } from '../http/context.ts';

/** The authority is rotated from the command line, beside a running server. */
const lookEveryMs = 1000;
const renewEveryMs = 3_600_000;
const warnBeforeMs = 14 * 86_400_000;

/**
 * Has certificates taken up anew each hour, since they run out and clocks are put right, and at once after the authority
 * was rotated or a certificate was given; then sentinels are told of the new pins too.
 */
export class CertificateWatch {
  readonly #server: ServerContext;
  readonly #folder: string;
  readonly #takeUp: () => Promise<unknown>;
  readonly #timer: NodeJS.Timeout;
  /** None before the first look, which makes good for a change while the server started. */
  #mark: string | undefined;
  #renewedAt = performance.now();
  #looking: Promise<void> | undefined;

  constructor(server: ServerContext, takeUp: () => Promise<unknown>) {
    this.#server = server;
    this.#folder = join(server.dataFolder, 'certs');
    this.#takeUp = takeUp;
    this.#timer = setInterval(() => this.#lookOnce(), lookEveryMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  #lookOnce(): void {
    this.#looking ??= this.#look()
      .catch((err) => this.#server.log.error({ err }, 'the certificates could not be looked after; again in an hour'))
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #look(): Promise<void> {
    const mark = authorityMark(this.#folder);
    if (mark === this.#mark && performance.now() - this.#renewedAt < renewEveryMs) return;
    this.#mark = mark;
    this.#renewedAt = performance.now();
    const before = this.#server.authority.pins.join();
    await this.#takeUp(); // first: what can't be shown is not to be announced
    this.#server.authority = await openAuthority(this.#folder, this.#server.now());
    warnOfEnd(this.#server);
    if (this.#server.authority.pins.join() !== before) this.#server.events.emit('assignmentsChanged', null);
  }
}

/** Our own are renewed by themselves; of a given one the log says each hour that its end is near. */
function warnOfEnd({ dataFolder, log, now }: ServerContext): void {
  const given = readGiven(givenFile(join(dataFolder, 'certs')));
  if (!given) return;
  const until = leafOf(given).validToDate;
  if (until.getTime() - now() > warnBeforeMs) return;
  log.warn({ until }, 'the certificate ends soon: have it renewed, and give it with vedette-server certs use');
}
