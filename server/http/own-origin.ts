import type { ServerContext } from './context.ts';
import { HttpProblem } from './problem.ts';

/**
 * The origin under which the asker reached this server, for links: only if its name is one that the server was given.
 * Problem: 421 `HOST_UNKNOWN`.
 */
export function ownOrigin({ ownNames }: Pick<ServerContext, 'ownNames'>, host: string): string {
  const url = URL.canParse(`https://${host}`) ? new URL(`https://${host}`) : undefined;
  if (url && ownNames.includes(url.hostname)) return url.origin;
  const names = ownNames.join(', ');
  const detail = `open this server under one of its names (${names}), or have it run with --host-name for another`;
  throw new HttpProblem(421, 'HOST_UNKNOWN', detail);
}
