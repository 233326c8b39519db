import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { checkQuery } from '../api/script-queries.ts';
import type { DraftWish, ScriptFault } from '../api/types.ts';
import { explain } from '../explain.ts';

/** Whoever types is not asked about each letter. */
const restMs = 400;

/** What publishing would say of a draft. */
export interface DraftCheck {
  faults: readonly ScriptFault[];
  hosts: readonly string[];
  secrets: readonly string[];
  /** It is of the text as it is now, and nothing is wrong. */
  isFine: boolean;
  /** The answer is still to come. */
  isAsking: boolean;
  /** Why there is none. */
  problem: string | undefined;
}

/** Asks about a draft whenever it was left alone for a moment. */
export function useCheck(customerId: string, draft: DraftWish): DraftCheck {
  const [asked, setAsked] = useState(draft);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(draft), restMs);
    return () => clearTimeout(timer);
  }, [draft]);
  const { data, error, isPlaceholderData } = useQuery({
    ...checkQuery(customerId, asked),
    placeholderData: keepPreviousData,
  });
  const isAsking = asked !== draft || isPlaceholderData || (data === undefined && !error);
  const { faults = none, hosts = [], secrets = [] } = data ?? {};
  const isFine = !isAsking && !error && faults.length === 0;
  return { faults, hosts, secrets, isFine, isAsking, problem: error ? explain(error) : undefined };
}

const none: readonly ScriptFault[] = [];
