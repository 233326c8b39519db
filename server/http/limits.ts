/** What a client may take up. Tests have shorter ones. */
export interface Limits {
  /**
   * Longest that a TLS handshake, the headers, and a whole request may take to arrive (ms). A body that moves may come over
   * a slow line: what cuts off the others is below.
   */
  handshakeMs: number;
  headersMs: number;
  requestMs: number;
  /** Longest silence in the middle of a body (ms). */
  idleMs: number;
  /**
   * Longest silence between two requests (ms). Longer than that between two heartbeats: each of ten thousand sentinels
   * would shake hands anew for every one of theirs.
   */
  keepAliveMs: number;
  /** Bytes a second of a body, on average once `slowStartMs` are over; slower is as good as silence. */
  slowestBytesPerSecond: number;
  slowStartMs: number;
  /** A body that was so long in coming (ms) is taken from those alone who would still be let in. */
  lookAgainMs: number;
  /** How often it is seen whose time is over (ms). */
  lookEveryMs: number;
  /**
   * TLS handshakes that begin in a second: each takes some 0.4 ms, and after a restart all sentinels come at once. Less than
   * as many may be under way, so that less than twice as many end in a second where either side was held up.
   */
  handshakesPerSecond: number;
  /** Most connections of one address that have not shown an API key or a session yet. */
  strangersPerAddress: number;
  /** Most connections of one sentinel, which has three at work; and one question for news, whatever it asks. */
  connectionsPerSentinel: number;
  /** Bytes that evidence leaves free on its disk, and how often it is looked at most how much a customer has that has too much (ms). */
  evidence: { leastFree: number; lookEveryMs: number };
  /** Most requests in a minute. */
  requestsPerMinute: {
    /** Of one user in all their sessions, and as many of all tokens that they made. A page of the console asks some 60 times. */
    asker: number;
    /** Of all sessions and tokens of one customer. */
    customer: number;
    /** Of one sentinel; one that comes back after months sends some 20 a second. */
    sentinel: number;
    /** Of one address, with no session or token, or none that is valid. */
    stranger: number;
    /** Attempts to sign in from one address, whatever the account. */
    signIn: number;
  };
}

export const usualLimits: Limits = {
  handshakeMs: 10_000,
  headersMs: 10_000,
  requestMs: 600_000,
  idleMs: 15_000,
  keepAliveMs: 40_000,
  slowestBytesPerSecond: 1000,
  slowStartMs: 5000,
  lookAgainMs: 1000,
  lookEveryMs: 1000,
  handshakesPerSecond: 250,
  strangersPerAddress: 256,
  connectionsPerSentinel: 16,
  evidence: { leastFree: 2 ** 30, lookEveryMs: 60_000 },
  requestsPerMinute: { asker: 1200, customer: 12_000, sentinel: 6000, stranger: 600, signIn: 100 },
};
