import { sentinelCli } from '../sentinel/cli.ts';

/*
 * An installed sentinel takes bundles only. In a checkout there is what makes them, and `try` takes authors' files. It is
 * loaded when it is needed: no other command of a sentinel does.
 */
await sentinelCli(async (file) => {
  const { bundle, folderOf } = await import('../scripts-library/publish/bundle.ts');
  return bundle(file, folderOf(file));
});
