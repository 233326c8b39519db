import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import type { Limits } from './limits.ts';
import { sourceOf } from './source-of.ts';

/** Handshakes begin a few at a time: each takes the one thread some 0.4 ms, and an answer would wait for all that came at once (ms). */
const tickMs = 2;
/** Who waits longer for a handshake has given up by then (s). */
const longestWaitS = 40;
/** A handshake that takes longer than that is somebody's who takes their time, and holds up nobody (ms). */
const usualMs = 1000;

/**
 * Lets connections in at a steady pace, those that come faster one after the other, and not many more than have ended their
 * handshake: else those that were held up would all end theirs at once. Whoever would wait for longer than it is worth is
 * turned away at once, and so is an address that holds too many connections without saying who it is.
 */
export class Door {
  readonly #limits: Limits;
  readonly #waiting = new Set<Socket>();
  /** When the handshakes began that are under way, by address and port; the oldest first. */
  readonly #underWay = new Map<string, number>();
  /** Connections that have not shown who they are, by whom their address stands for, then by address and port. */
  readonly #strangers = new Map<string, Map<string, Socket>>();
  /** Connections by the sentinel that showed itself on them, those that did so longest ago first. */
  readonly #known = new Map<string, Set<Socket>>();
  readonly #sentinelOf = new WeakMap<Socket, string>();
  /** Handshakes that may begin now. */
  #room: number;
  #since = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #handshake: (socket: Socket) => void = () => {};

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#room = this.#most;
  }

  /** Stands before this server from now on. */
  guard(server: Server): void {
    const [handshake] = server.listeners('connection') as ((socket: Socket) => void)[];
    if (!handshake) throw new Error('a TLS server takes connections by a listener of its own');
    this.#handshake = handshake.bind(server);
    server.off('connection', handshake).on('connection', (socket) => this.#come(socket));
    server.on('secureConnection', (socket) => this.#underWay.delete(endOf(socket)));
  }

  /**
   * Whoever uses this connection has shown who it is. Of a sentinel that has too many the one is ended that it has used
   * longest: somebody may have its key, and its own could be long gone without a word.
   */
  letIn(socket: Socket, sentinelId?: string): void {
    const before = this.#sentinelOf.get(socket);
    if (before !== undefined && before === sentinelId) return;
    this.#forget(ownerOf(socket), endOf(socket));
    if (sentinelId === undefined) return;
    if (before === undefined) socket.once('close', () => this.#leave(socket));
    else this.#leave(socket); // who stands before us sends several over one
    const own = this.#known.get(sentinelId) ?? new Set();
    this.#known.set(sentinelId, own.add(socket));
    this.#sentinelOf.set(socket, sentinelId);
    const [oldest] = own;
    if (own.size > this.#limits.connectionsPerSentinel) oldest?.destroy();
  }

  /** Ends the connections of those who have not shown who they are: a server that stops does not wait for them. */
  close(): void {
    for (const socket of [...this.#strangers.values()].flatMap((some) => [...some.values()])) socket.destroy();
  }

  #come(socket: Socket): void {
    const [owner, end] = [ownerOf(socket), endOf(socket)]; // of a socket that has closed they can't be told
    const strangers = this.#strangers.get(owner) ?? new Map<string, Socket>();
    const { handshakesPerSecond, strangersPerAddress } = this.#limits;
    const isFull = this.#waiting.size >= handshakesPerSecond * longestWaitS;
    if (isFull || strangers.size >= strangersPerAddress) {
      socket.resetAndDestroy();
      return;
    }
    this.#strangers.set(owner, strangers.set(end, socket));
    this.#waiting.add(socket);
    socket.once('error', ignored).once('close', () => {
      this.#waiting.delete(socket);
      this.#underWay.delete(end);
      this.#forget(owner, end);
    });
    if (this.#timer === undefined) this.#begin();
  }

  /** Begins some of the handshakes that there is room for, and looks again soon. */
  #begin(): void {
    const now = performance.now();
    this.#room = Math.min(this.#most, this.#room + ((now - this.#since) / 1000) * this.#limits.handshakesPerSecond);
    this.#since = now;
    for (const [end, since] of this.#underWay) {
      if (now - since < usualMs) break;
      this.#underWay.delete(end);
    }
    let some = this.#mostAtOnce;
    for (const socket of this.#waiting) {
      if (some-- < 1 || this.#room < 1 || this.#underWay.size >= this.#mostUnderWay) break;
      this.#room--;
      this.#underWay.set(endOf(socket), now);
      this.#waiting.delete(socket);
      socket.off('error', ignored);
      this.#handshake(socket);
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.size > 0) this.#begin();
    }, tickMs);
  }

  /** Twice what the pace asks for, so that what a busy moment held up is made good. */
  get #mostAtOnce(): number {
    return Math.max(1, (2 * tickMs * this.#limits.handshakesPerSecond) / 1000);
  }

  /** What may begin within a moment after a while without any. */
  get #most(): number {
    return Math.max(1, this.#limits.handshakesPerSecond / 10);
  }

  get #mostUnderWay(): number {
    return Math.max(1, this.#limits.handshakesPerSecond * 0.75);
  }

  #leave(socket: Socket): void {
    const sentinelId = this.#sentinelOf.get(socket) ?? '';
    const own = this.#known.get(sentinelId);
    own?.delete(socket);
    if (own?.size === 0) this.#known.delete(sentinelId);
  }

  #forget(owner: string, end: string): void {
    const strangers = this.#strangers.get(owner);
    strangers?.delete(end);
    if (strangers?.size === 0) this.#strangers.delete(owner);
  }
}

function ownerOf({ remoteAddress = '' }: Socket): string {
  return sourceOf(remoteAddress);
}

function endOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** One that goes away before its handshake is nobody's fault. */
function ignored(): void {}
