/** Thrown when a line is longer than agreed. */
export class LineTooLong extends Error {}

/**
 * Cuts a stream of bytes into lines of text: each call takes the next bytes and gives the lines they complete. A line of
 * more than `mostBytes` throws as soon as that is plain, so that nobody can make this side hold more.
 */
export function lineCutter(mostBytes: number): (chunk: Buffer) => string[] {
  let parts: Buffer[] = [];
  let held = 0;
  return (chunk) => {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      lines.push(Buffer.concat([...parts, chunk.subarray(start, end)]).toString());
      parts = [];
      held = 0;
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > mostBytes) throw new LineTooLong(`a message of more than ${mostBytes} bytes`);
    return lines;
  };
}
