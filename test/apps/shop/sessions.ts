import { randomBytes } from 'node:crypto';
import type { Order } from './truth.ts';

/** What the shop remembers of a visitor. `basket` maps product ids to amounts. */
export interface Session {
  id: string;
  user?: string;
  /** Given by the visitor to recognise the next order by. */
  reference?: string;
  basket: Map<string, number>;
  orders: Order[];
  seenAt: number;
}

const idleMs = 30 * 60_000;
const mostSessions = 10_000;

/** The shop's sessions, in memory. Half an hour unused ends one; beyond ten thousand the least recently used go first. */
export class Sessions {
  readonly #byId = new Map<string, Session>();

  /** The session of this id, if it is still alive at `now` (ms); using it keeps it alive. */
  find(id: string | undefined, now: number): Session | undefined {
    const session = id === undefined ? undefined : this.#byId.get(id);
    if (!session) return undefined;
    this.#byId.delete(session.id);
    if (now - session.seenAt > idleMs) return undefined;
    session.seenAt = now;
    this.#byId.set(session.id, session); // last in the map's order: the first is the least recently used
    return session;
  }

  start(now: number): Session {
    const session: Session = { id: newId(), basket: new Map(), orders: [], seenAt: now };
    this.#byId.set(session.id, session);
    for (const id of this.#byId.keys()) {
      if (this.#byId.size <= mostSessions) break;
      this.#byId.delete(id);
    }
    return session;
  }

  /** A new id at sign-in, so that an id planted before is worth nothing. */
  signIn(session: Session, user: string): void {
    this.#byId.delete(session.id);
    session.id = newId();
    session.user = user;
    this.#byId.set(session.id, session);
  }

  end(session: Session): void {
    this.#byId.delete(session.id);
  }
}

function newId(): string {
  return randomBytes(16).toString('hex');
}
