import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import { signedText } from '../audit/signed-text.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { fileContent, writeContent } from './age.ts';
import { ArchiveFault } from './archive-fault.ts';
import { readSigned, Seal, sealFile } from './manifest.ts';
import { nameOf } from './piece.ts';
import { storeOf } from './store.ts';
import { faultOf } from './verify-entry.ts';

/*
 * A set is a folder of entries of the archive, to be carried away, with a receipt. Once somebody has confirmed that it lies
 * safe elsewhere, the server keeps the manifests alone.
 */

const Receipt = z.object({
  form: z.literal(1),
  customer: z.string(),
  madeAt: z.int(),
  /** Entries by name, with the seal of each, in which the hashes of its files are. */
  entries: z.array(z.object({ entry: z.string(), piece: z.string(), seal: z.string() })),
});

export const receiptFile = 'receipt.json';

/** Copies all entries that are here into a new folder; returns their pieces. Each copy is compared with its seal. */
export async function makeSet(server: ServerContext, id: CustomerId, to: string): Promise<string[]> {
  const store = storeOf(server, id);
  const rows = await server.customers.use(id, (db) =>
    db<ArchiveMonthRow>('archive_months')
      .where({ state: 'removed' })
      .whereNotNull('folder')
      .orderBy(['from_at', 'part']),
  );
  mkdirSync(to, { mode: 0o700 });
  const entries: z.infer<typeof Receipt>['entries'] = [];
  for (const row of rows) {
    const seal = readSigned(row.seal ?? '', Seal, server.dataFolder);
    const entry = row.folder ?? '';
    if (!seal || row.seal === null) throw new ArchiveFault(`the seal of ${entry} was not signed by this server`);
    mkdirSync(join(to, entry), { mode: 0o700 });
    for (const file of [...Object.keys(seal.files), sealFile]) {
      const content = await store.read(entry, file);
      if (!content) throw new ArchiveFault(`${entry}/${file} is missing`);
      await writeContent(content, join(to, entry, file));
    }
    const fault = await faultOf(server, inFolder(to), row);
    if (fault) throw new ArchiveFault(`the copy is not what was sealed: ${fault}`);
    entries.push({ entry, piece: nameOf({ month: monthOf(row.from_at), part: row.part }), seal: row.seal });
  }
  const receipt: z.infer<typeof Receipt> = { form: 1, customer: id, madeAt: server.now(), entries };
  writeFileSync(join(to, receiptFile), signedText(server.dataFolder, JSON.stringify(receipt)), { flag: 'wx' });
  return entries.map(({ piece }) => piece);
}

/** Removes from the archive's folder what a receipt names, since it lies safe elsewhere; returns the pieces. */
export async function confirmSet(server: ServerContext, id: CustomerId, receiptPath: string): Promise<string[]> {
  const receipt = readReceipt(server, id, receiptPath);
  const store = storeOf(server, id);
  return server.customers.use(id, async (db) => {
    const gone: string[] = [];
    for (const { entry, piece, seal } of receipt.entries) {
      const row = { folder: entry, seal, state: 'removed' } as const;
      const changed = await db<ArchiveMonthRow>('archive_months').where(row).update({ folder: null });
      if (changed === 0) continue; // confirmed before, or not what is here
      await store.remove(entry);
      gone.push(piece);
    }
    return gone;
  });
}

/** Copies what was carried away back into the archive's folder; returns the pieces. */
export async function bringBack(server: ServerContext, id: CustomerId, from: string): Promise<string[]> {
  const receipt = readReceipt(server, id, join(from, receiptFile));
  const store = storeOf(server, id);
  return server.customers.use(id, async (db) => {
    const back: string[] = [];
    for (const { entry, piece, seal } of receipt.entries) {
      const away = { seal, folder: null, state: 'removed' } as const;
      if (!(await db<ArchiveMonthRow>('archive_months').where(away).first('part'))) continue;
      const fault = await faultOf(server, inFolder(from), { folder: entry, seal });
      if (fault) throw new ArchiveFault(`what was brought back is not what was carried away: ${fault}`);
      const draft = await store.begin(entry);
      const files = Object.keys(readSigned(seal, Seal, server.dataFolder)?.files ?? {});
      for (const file of [...files, sealFile]) await draft.write(file, fileContent(join(from, entry, file)));
      await draft.commit();
      await db<ArchiveMonthRow>('archive_months').where(away).update({ folder: entry });
      back.push(piece);
    }
    return back;
  });
}

function readReceipt({ dataFolder }: ServerContext, id: CustomerId, path: string): z.infer<typeof Receipt> {
  const receipt = readSigned(readFileSync(path, 'utf8'), Receipt, dataFolder);
  if (receipt?.customer === id) return receipt;
  throw new Refused(`${path} is not a receipt that this server signed for this customer`);
}

/** What lies in a set, to be compared with its seals. */
function inFolder(folder: string): Pick<ReturnType<typeof storeOf>, 'read'> {
  return { read: async (entry, file) => fileContent(join(folder, entry, file)) };
}
