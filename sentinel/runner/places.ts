import { findPackageJSON } from 'node:module';
import { dirname, extname, join } from 'node:path';

/*
 * Where a sentinel's own files lie: in a checkout, or as packaging has laid them out, with all code bundled into this file
 * and the child's.
 */

/** The package file that this code belongs to; it holds the version, and tells Node what kind of modules these are. */
export const packageFile = findPackageJSON(import.meta.url) ?? '';

/** The child's code, and the file that it begins with. */
export const childCode = join(dirname(packageFile), 'sentinel', 'runner', 'child');
export const childEntry = join(childCode, `main${extname(import.meta.url)}`);
