import { monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { Manifest, readSigned, Seal } from './manifest.ts';
import { nameOf } from './piece.ts';

/** A month, or a supplement of one, as people are told of it. */
export interface PieceTold {
  /** `2025-01`, or `2025-01.1` */
  name: string;
  state: ArchiveMonthRow['state'];
  runs: number | null;
  results: number | null;
  evidence: number | null;
  /** Of all its files, sealed. */
  bytes: number | null;
  /** ms since 1970 */
  removedAt: number | null;
  verifiedAt: number | null;
  /** What was wrong when it was last verified. */
  fault: string | null;
  /** Null: it was carried away, and only its manifest is here. */
  folder: string | null;
}

/** All that is, or is about to be, in a customer's archive, the oldest first. */
export async function listPieces(
  { dataFolder }: Pick<ServerContext, 'dataFolder'>,
  db: CustomerDb,
): Promise<PieceTold[]> {
  const rows = await db<ArchiveMonthRow>('archive_months').orderBy(['from_at', 'part']);
  return rows.map((row) => {
    const manifest = readSigned(row.manifest ?? '', Manifest, dataFolder);
    const seal = readSigned(row.seal ?? '', Seal, dataFolder);
    const count = (isRun: boolean) =>
      manifest?.sums.of
        .filter(({ transaction }) => (transaction === null) === isRun)
        .reduce((sum, { rows }) => sum + rows, 0) ?? null;
    return {
      ...{ name: nameOf({ month: monthOf(row.from_at), part: row.part }), state: row.state },
      ...{ runs: count(true), results: count(false), evidence: manifest?.evidence.rows ?? null },
      bytes: seal ? Object.values(seal.files).reduce((sum, file) => sum + file.bytes, 0) : null,
      ...{ removedAt: row.removed_at, verifiedAt: row.verified_at, fault: row.fault, folder: row.folder },
    };
  });
}
