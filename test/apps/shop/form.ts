import type { IncomingMessage } from 'node:http';

const mostBytes = 10_000;

/** The fields of a posted form. Throws an error of HTTP status 413 beyond 10 kB: no form of the shop is that long. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw Object.assign(new Error('The form is too long.'), { status: 413, expose: true });
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
