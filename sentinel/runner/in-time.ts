import type { FromChild } from './messages.ts';

/**
 * A child's message with its times (µs) brought between the run's start and now. A child keeps its own time, and could
 * else claim that a transaction took a year, or ended before the run began.
 */
export function inTime(message: FromChild, fromUs: number, nowUs: number): FromChild {
  const bring = (us: number) => Math.min(Math.max(us, fromUs), nowUs);
  if ('atUs' in message) return { ...message, atUs: bring(message.atUs) };
  if (message.kind === 'answered') return { ...message, fromUs: bring(message.fromUs), toUs: bring(message.toUs) };
  return message;
}
