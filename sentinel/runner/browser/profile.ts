import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namesIn } from '../names-in.ts';

/** The folders of one browser. */
export interface Profile {
  folder: string;
  /** For sockets, whose path may have no more than 107 characters. */
  temporary: string;
}

/** In a profile, leads to the browser's temporary folder, so that whoever removes the one finds the other. */
const link = 'temporary';
const prefix = 'profile-';

/**
 * Chromium asks its search engine for news with every context. No switch keeps it from that; one that is nowhere on the
 * network does, which nobody sees who has no address bar.
 */
const preferences = {
  search: { suggest_enabled: false },
  default_search_provider_data: {
    template_url_data: { short_name: 'none', keyword: 'none', url: 'data:,{searchTerms}' },
  },
};

export function newProfile(folder: string): Profile {
  const profile = mkdtempSync(join(folder, prefix));
  const temporary = mkdtempSync(join(tmpdir(), 'vedette-'));
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences));
  symlinkSync(temporary, join(profile, link));
  return { folder: profile, temporary };
}

/** Removes what browsers of an earlier sentinel left in `folder`, because that sentinel was killed. */
export function sweepProfiles(folder: string): void {
  for (const name of namesIn(folder)) if (name.startsWith(prefix)) removeProfile(join(folder, name));
}

export function removeProfile(folder: string): void {
  const remove = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 };
  try {
    rmSync(readlinkSync(join(folder, link)), remove);
  } catch {
    // cut off before the link was made: there is nothing to follow
  }
  rmSync(folder, remove);
}
