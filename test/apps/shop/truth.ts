import type { FaultKind, PageName } from './switches.ts';

/** An order the shop took. `reference` is what the visitor gave to recognise it by. */
export interface Order {
  number: string;
  user: string;
  reference?: string;
  at: number;
  cents: number;
}

/** How often a page was asked for and answered, and what the server took (ms), from request to last byte, delay included. */
export interface PageTimes {
  asked: number;
  served: number;
  lastMs: number;
  minMs: number;
  maxMs: number;
  totalMs: number;
}

type ByKind = Record<FaultKind, number>;

export interface Truth {
  logins: number;
  failedLogins: number;
  searches: number;
  /** Orders taken. */
  checkoutsFinished: number;
  /** Faults met on the checkout page or when placing the order. */
  checkoutsFailed: ByKind;
  signOuts: number;
  /** Every fault that was shown, on any page. */
  faults: Partial<Record<PageName, ByKind>>;
  pages: Partial<Record<PageName, PageTimes>>;
  /** The latest thousand, oldest first; `checkoutsFinished` counts them all. */
  orders: Order[];
}

const keptOrders = 1000;

/** Counts what truly happened in the shop, for tests to compare with what was reported. */
export class Tally {
  readonly #truth: Truth = {
    logins: 0,
    failedLogins: 0,
    searches: 0,
    checkoutsFinished: 0,
    checkoutsFailed: noFaults(),
    signOuts: 0,
    faults: {},
    pages: {},
    orders: [],
  };

  count(what: 'logins' | 'failedLogins' | 'searches' | 'signOuts'): void {
    this.#truth[what] += 1;
  }

  fault(page: PageName, kind: FaultKind): void {
    const ofPage = this.#truth.faults[page] ?? noFaults();
    ofPage[kind] += 1;
    this.#truth.faults[page] = ofPage;
    if (page === 'checkout' || page === 'order') this.#truth.checkoutsFailed[kind] += 1;
  }

  /** Takes an order and gives it its number. */
  order(taken: Omit<Order, 'number'>): Order {
    this.#truth.checkoutsFinished += 1;
    const order = { number: `LK-${1000 + this.#truth.checkoutsFinished}`, ...taken };
    this.#truth.orders.push(order);
    if (this.#truth.orders.length > keptOrders) this.#truth.orders.shift();
    return order;
  }

  asked(page: PageName): void {
    this.#timesOf(page).asked += 1;
  }

  served(page: PageName, ms: number): void {
    const times = this.#timesOf(page);
    times.minMs = times.served === 0 ? ms : Math.min(times.minMs, ms);
    times.maxMs = Math.max(times.maxMs, ms);
    times.lastMs = ms;
    times.totalMs += ms;
    times.served += 1;
  }

  /** A copy: what happens later doesn't change it. */
  truth(): Truth {
    return structuredClone(this.#truth);
  }

  #timesOf(page: PageName): PageTimes {
    this.#truth.pages[page] ??= { asked: 0, served: 0, lastMs: 0, minMs: 0, maxMs: 0, totalMs: 0 };
    return this.#truth.pages[page];
  }
}

function noFaults(): ByKind {
  return { http500: 0, brokenElement: 0, hang: 0 };
}
