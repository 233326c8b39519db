import { z } from 'zod';
import type { EvidenceRow, PassedPictureRow, TrialEvidenceRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { maxEvidenceBytes, Sha256 } from '../../sentinel/protocol/messages.ts';
import { restoredEvidence } from '../archive/restored.ts';
import { audit } from '../audit/audit.ts';
import { bytes } from '../http/body.ts';
import type { ServerContext } from '../http/context.ts';
import { may } from '../http/may.ts';
import { notFound } from '../http/problem.ts';
import { type ApiRouter, also, answers, newRouter, params } from '../http/router.ts';
import { sentinelAuth } from '../http/sentinel-auth.ts';
import { turnstiles } from '../http/turnstile.ts';
import { keptAsItIs } from './as-it-is.ts';
import { evidenceRooms } from './evidence-room.ts';
import { evidenceOf } from './evidence-store.ts';
import { wallsOfDrawing } from './picture.ts';
import { storeEvidence } from './store-evidence.ts';

/** Files of one customer, each in memory: where its database answers nothing these stay there, and no other's wait. */
const ofCustomer = { atOnce: 2, waiting: 20 };
/** Of all: 256 MiB, and beyond that a file of each customer, since hundreds may hang with one database server. */
const ofAll = 128;

/** Taking in evidence; under the sentinels' prefix. */
export function sentinelRoutes(server: ServerContext): ApiRouter {
  const router = newRouter();
  const oneOfFew = turnstiles(ofCustomer, ofAll);
  const roomOf = evidenceRooms(server);
  let isTold = false;

  router.put(
    '/evidence/:sha256',
    sentinelAuth(server),
    answers('Send a file that a stored run names'),
    params(z.object({ sha256: Sha256 })),
    // Whatever it is called: what it is shows when it is drawn.
    bytes(['image/webp', '*/*'], { maxBytes: maxEvidenceBytes }),
    also({
      others: {
        404: ['EVIDENCE_UNKNOWN', 'NOT_FOUND'],
        422: ['EVIDENCE_REFUSED'],
        429: ['BUSY'],
        503: ['NOT_DRAWN', 'DISK_FULL'],
      },
    }),
    async (ctx) => {
      const { sentinel, params, bytes } = ctx.state;
      const { sentinelId, customerId } = sentinel;
      const sent = { customerId, sentinelId, sha256: params.sha256, content: bytes };
      const store = roomOf(customerId);
      await oneOfFew(customerId, () => storeEvidence((work) => server.customers.use(customerId, work), store, sent));
      const walls = isTold ? undefined : wallsOfDrawing();
      if (walls) server.log.info({ walls }, 'pictures are drawn in a process of its own, with these walls around it');
      isTold ||= walls !== undefined;
      ctx.status = 204;
    },
  );

  return router;
}

/** What a stored file is, and of which run or trial. */
async function shownFile(db: CustomerDb, stored_sha256: string) {
  const ofRun =
    (await db<EvidenceRow>('evidence').where({ stored_sha256 }).first('kind', 'media_type', 'run_id')) ??
    (await db<PassedPictureRow>('passed_pictures').where({ stored_sha256 }).first('kind', 'media_type', 'run_id'));
  if (ofRun) return { kind: ofRun.kind, media_type: ofRun.media_type, of: `run ${runIdOf(ofRun.run_id)}` };
  const ofTrial = await db<TrialEvidenceRow>('trial_evidence').where({ stored_sha256 }).first();
  return ofTrial && { kind: ofTrial.kind, media_type: ofTrial.media_type, of: `trial ${ofTrial.trial_id}` };
}

/** The same of the live database, else of a month that was brought back from the archive; `open` gives what is in it. */
async function findFile(server: ServerContext, id: CustomerId, sha256: string) {
  const live = await server.customers.use(id, (db) => shownFile(db, sha256));
  if (live) return { ...live, open: () => evidenceOf(server, id).get(sha256) };
  const back = await restoredEvidence(server, id, sha256);
  return back && { kind: back.kind, media_type: back.mediaType, of: `run ${back.runId}`, open: async () => back };
}

/** Showing evidence; under the console's prefix. */
export function routes(server: ServerContext): ApiRouter {
  const router = newRouter();

  router.get(
    '/customers/:customerId/evidence/:sha256',
    may(server, 'see evidence'),
    answers('A screenshot; an ARIA snapshot or a trace as a download', undefined, 'image/webp'),
    params(z.object({ customerId: z.string(), sha256: Sha256 })),
    async (ctx) => {
      const { actor, customerId, params } = ctx.state;
      const row = await findFile(server, customerId, params.sha256);
      if (!row) throw notFound();
      // Before it is shown: what can't be written down, nobody looks at.
      const subject = `${row.kind} of the ${row.of}`;
      const entry = { at: server.now(), actor, action: 'evidence-viewed', subject } as const;
      await server.customers.use(customerId, (db) => audit(db, entry));
      const file = await row.open();
      if (!file) throw notFound();
      ctx.set({
        // It never changes, but who may see it is asked each time: others may sign in on the same browser.
        'cache-control': 'private, no-cache',
        etag: `"${params.sha256}"`,
        'content-security-policy': "sandbox; default-src 'none'",
        'x-content-type-options': 'nosniff',
      });
      const download = keptAsItIs[row.kind];
      if (download) ctx.set('content-disposition', `attachment; filename="${download.fileName}"`);
      ctx.type = row.media_type;
      ctx.length = file.bytes;
      ctx.body = file.content;
    },
  );

  return router;
}
