import { statfs } from 'node:fs/promises';
import type { CustomerId } from '../../db/customers.ts';
import type { EvidenceBeyondQuotaRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { type EvidenceStore, evidenceOf } from './evidence-store.ts';

/**
 * So much of the quota each server takes between two looks at how much there is, since others may take as much meanwhile, and
 * so far it goes beyond it until the oldest is gone.
 */
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

interface Room {
  /** Bytes until the next look. */
  left: number;
  /** When a look last found none. */
  fullAt: number;
  /** For all that come while it lasts. */
  looking: Promise<void> | undefined;
}

type Needs = Pick<ServerContext, 'customers' | 'registry' | 'evidenceBytes' | 'limits' | 'log'>;

/**
 * Keeps evidence from filling the disk that all customers share between two clean-ups. How much there is each server sees
 * for itself: of several any may put files there.
 */
export function evidenceRooms(server: Needs): (id: CustomerId) => RoomyStore {
  const { leastFree, lookEveryMs } = server.limits.evidence;
  const slack = server.evidenceBytes * leeway;
  const rooms = new Map<CustomerId, Room>();
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

  async function look(id: CustomerId, room: Room): Promise<void> {
    let bytes = 0;
    for await (const files of evidenceOf(server, id).files()) for (const file of files) bytes += file.bytes;
    if (bytes > server.evidenceBytes) await tellCleanUp(id);
    room.left = Math.min(slack, server.evidenceBytes + slack - bytes);
    if (room.left <= 0) room.fullAt = performance.now();
  }

  /** It may be another process that does the jobs. */
  async function tellCleanUp(id: CustomerId): Promise<void> {
    const row: EvidenceBeyondQuotaRow = { customer_id: id };
    await server.registry('evidence_beyond_quota').insert(row).onConflict('customer_id').ignore();
  }

  function lookOnce(id: CustomerId, room: Room): Promise<void> {
    room.looking ??= look(id, room).finally(() => {
      room.looking = undefined;
    });
    return room.looking;
  }

  return (id) => {
    const room = rooms.get(id) ?? { left: slack, fullAt: Number.NEGATIVE_INFINITY, looking: undefined };
    rooms.set(id, room);
    return {
      async check() {
        await checkDisk(id);
        if (room.left <= 0 && performance.now() - room.fullAt >= lookEveryMs) await lookOnce(id, room);
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
