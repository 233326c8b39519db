import { useState } from 'react';
import { queryClient } from '../api/queries.ts';
import type { DraftWish } from '../api/types.ts';

// Kept as long as the page is open and somebody is signed in, with all else that is in the cache.
queryClient.setQueryDefaults(['draft'], { gcTime: Number.POSITIVE_INFINITY });

interface Draft {
  draft: DraftWish;
  /** It was begun before, and left. */
  isOlder: boolean;
  write(draft: DraftWish): void;
  /** There is no draft any more: it was published, or is given up. */
  forget(): void;
}

/** A draft of a script (a new one has none), which is there again for who looks at another page meanwhile. */
export function useDraft(customerId: string, script: string | undefined, begin: DraftWish): Draft {
  const key = ['draft', customerId, script ?? ''];
  const [kept] = useState(() => queryClient.getQueryData<DraftWish>(key));
  const [draft, setDraft] = useState(kept ?? begin);
  return {
    draft,
    isOlder: kept !== undefined,
    write(next) {
      setDraft(next);
      queryClient.setQueryData(key, next);
    },
    forget: () => queryClient.removeQueries({ queryKey: key, exact: true }),
  };
}
