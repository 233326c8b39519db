import { join } from 'node:path';
import { openAuthority } from '../../certs/authority.ts';
import { authorityMark } from '../../certs/rotate.ts';
import type { ServerContext } from '../http/context.ts';

/** The authority is rotated from the command line, beside a running server. */
const lookEveryMs = 1000;
const renewEveryMs = 3_600_000;

/**
 * Has certificates taken up anew each hour, since they run out and clocks are put right, and at once after the authority
 * was rotated; then sentinels are told of the new pins too.
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
    this.#server.authority = await openAuthority(this.#folder, this.#server.now());
    await this.#takeUp();
    if (this.#server.authority.pins.join() !== before) this.#server.events.emit('assignmentsChanged', null);
  }
}
