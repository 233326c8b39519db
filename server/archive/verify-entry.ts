import { text } from 'node:stream/consumers';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { measure } from './age.ts';
import { readSigned, Seal, sealFile } from './manifest.ts';
import type { ArchiveStore } from './store.ts';

/**
 * What is wrong with an entry of the store, in a sentence; undefined where every file of it is there as it was sealed. It
 * takes no identity: the seal, which this server signed, holds the hash of each file.
 */
export async function faultOf(
  { dataFolder }: Pick<ServerContext, 'dataFolder'>,
  store: Pick<ArchiveStore, 'read'>,
  { folder, seal: recorded }: Pick<ArchiveMonthRow, 'folder' | 'seal'>,
): Promise<string | undefined> {
  if (folder === null || recorded === null) return 'it is not recorded where it lies';
  const found = await store.read(folder, sealFile);
  if (!found) return `${folder} is not in the archive, or has no ${sealFile}`;
  if ((await text(found)) !== recorded) return `${folder}/${sealFile} is not the one that was recorded`;
  const seal = readSigned(recorded, Seal, dataFolder);
  if (!seal) return `${folder}/${sealFile} was not signed by this server`;
  for (const [name, { bytes, sha256 }] of Object.entries(seal.files)) {
    const content = await store.read(folder, name);
    if (!content) return `${folder}/${name} is missing`;
    const measured = await measure(content);
    if (measured.bytes !== bytes) return `${folder}/${name} has ${measured.bytes} bytes and not ${bytes}`;
    if (measured.sha256 !== sha256) return `${folder}/${name} was changed`;
  }
  return undefined;
}
