import { statfs } from 'node:fs/promises';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { type EvidenceStore, evidenceOf } from './evidence-store.ts';

/** So much of the quota is taken before it is looked how much there is, and so far beyond it until the oldest is gone. */
const leeway = 0.1;
const comeAgain = { 'retry-after': '60' };

/** Where a customer's evidence goes while there is room. */
export interface RoomyStore extends Pick<EvidenceStore, 'put'> {
  /**
   * To be asked before a file is made. Problems: 429 `BUSY`, while the customer has more than its quota and the oldest is not
   * gone yet; 503 `DISK_FULL`, where so little is free that the databases need it.
   */
  check(): Promise<void>;
}

type Needs = Pick<ServerContext, 'customers' | 'events' | 'evidenceBytes' | 'limits' | 'log'>;

/**
 * Keeps evidence from filling the disk that all customers share between two clean-ups. How much there is each server sees
 * for itself: of several any may put files there.
 */
export function evidenceRooms(server: Needs): (id: CustomerId) => RoomyStore {
  const { leastFree, lookEveryMs } = server.limits.evidence;
  const slack = server.evidenceBytes * leeway;
  const rooms = new Map<CustomerId, { left: number; lookedAt: number }>();
  let toldAt = Number.NEGATIVE_INFINITY;

  async function checkDisk(id: CustomerId): Promise<void> {
    const { bavail, bsize } = await statfs(server.customers.folder(id));
    const free = bavail * bsize;
    if (free >= leastFree) return;
    if (performance.now() - toldAt >= lookEveryMs) {
      const next = 'make room on the disk of the data folder, or start the server with a smaller --evidence-gib';
      server.log.error({ free, leastFree, next }, 'the disk is nearly full: no evidence is taken, results are');
      toldAt = performance.now();
    }
    throw new HttpProblem(503, 'DISK_FULL', 'the disk of the server is nearly full; keep the file', comeAgain);
  }

  /** Of requests that come meanwhile none looks too. */
  async function look(id: CustomerId, room: { left: number; lookedAt: number }): Promise<void> {
    if (performance.now() - room.lookedAt < lookEveryMs) return;
    room.lookedAt = performance.now();
    let bytes = 0;
    for await (const files of evidenceOf(server, id).files()) for (const file of files) bytes += file.bytes;
    room.left = server.evidenceBytes + slack - bytes;
    if (bytes > server.evidenceBytes) server.events.emit('evidenceBeyondQuota', id);
  }

  return (id) => {
    const room = rooms.get(id) ?? { left: slack, lookedAt: Number.NEGATIVE_INFINITY };
    rooms.set(id, room);
    return {
      async check() {
        await checkDisk(id);
        if (room.left <= 0) await look(id, room);
        if (room.left > 0) return;
        const detail = 'this customer has more evidence than it may, and the oldest is being removed; keep the file';
        throw new HttpProblem(429, 'BUSY', detail, comeAgain);
      },
      async put(sha256, content) {
        room.left -= content.length;
        await evidenceOf(server, id).put(sha256, content);
      },
    };
  };
}
