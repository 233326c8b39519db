import type { Monitor } from './api/types.ts';
import { span } from './format.ts';
import { words } from './messages/messages.ts';

/** `every 30 s · shop.spec.ts, version 3 · https://shop.example`. */
export function about(monitor: Monitor): string {
  const script = `${monitor.script.name}, ${words.version(monitor.script.version)}`;
  return [schedule(monitor), script, monitor.baseURL].filter(Boolean).join(' · ');
}

/** `every 30 s`, `cron 0 6 * * *`, and the hours that hold, with their time zone. */
function schedule({ everyMs, cron, hours, timeZone }: Monitor): string {
  const when = cron === null ? words.every(span(everyMs)) : words.cron(cron);
  return [when, hours, timeZone && `(${timeZone})`].filter(Boolean).join(' ');
}
