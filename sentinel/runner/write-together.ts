import type { Writable } from 'node:stream';

/**
 * Writes `text`; what is written within one turn of the event loop goes out as one call to the system. A browser tells of
 * many things at a time, and each call costs more than the text. Not for a child: its script could keep the turn for ever.
 */
export function writeTogether(stream: Writable, text: string): void {
  if (stream.writableCorked === 0) {
    stream.cork();
    process.nextTick(() => stream.uncork());
  }
  stream.write(text);
}
