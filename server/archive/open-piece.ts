import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { meter, unseal, writeContent } from './age.ts';
import { ArchiveFault } from './archive-fault.ts';
import { Manifest, manifestFile, readSigned, sealedName } from './manifest.ts';
import type { ArchiveStore } from './store.ts';

/**
 * Opens the files of a piece with one of the identities, and puts them into a folder under their names. All are those that
 * the signed manifest tells of; throws `ArchiveFault` where one is not, or where no identity fits.
 */
export async function openPiece(
  { dataFolder }: Pick<ServerContext, 'dataFolder'>,
  store: ArchiveStore,
  row: Pick<ArchiveMonthRow, 'folder' | 'manifest'>,
  identities: readonly string[],
  into: string,
): Promise<Manifest> {
  const open = async (file: string) => {
    const sealed = row.folder === null ? undefined : await store.read(row.folder, sealedName(file));
    if (!sealed) throw new ArchiveFault(`${sealedName(file)} of ${row.folder ?? 'it'} is not in the archive`);
    return unseal(sealed, identities);
  };
  const signed = await text(await open(manifestFile));
  const manifest = readSigned(signed, Manifest, dataFolder);
  if (!manifest || (row.manifest !== null && signed !== row.manifest)) {
    throw new ArchiveFault(`the manifest in ${row.folder} is not the one that this server signed for it`);
  }
  for (const [name, { sha256 }] of Object.entries(manifest.files)) {
    const { through, measured } = meter(await open(name));
    await writeContent(through, join(into, name));
    if (measured().sha256 !== sha256)
      throw new ArchiveFault(`${name} in ${row.folder} is not what the manifest tells of`);
  }
  return manifest;
}
