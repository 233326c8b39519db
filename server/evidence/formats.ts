/** Whether the file ends where its format says it does; undefined for other formats than PNG, JPEG and WebP. */
export function endsWell(content: Buffer): boolean | undefined {
  if (content.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) {
    return content.subarray(-12).equals(Buffer.from('0000000049454e44ae426082', 'hex'));
  }
  if (content.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) {
    return content.subarray(-2).equals(Buffer.from('ffd9', 'hex'));
  }
  return beginsAsWebp(content) ? isWebp(content) : undefined;
}

/** Whether it begins and ends as a WebP picture does. */
export function isWebp(file: Uint8Array): boolean {
  const content = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (!beginsAsWebp(content)) return false;
  const length = content.readUInt32LE(4) + 8;
  return content.length === length + (length % 2);
}

function beginsAsWebp(content: Buffer): boolean {
  return (
    content.length > 12 && content.toString('latin1', 0, 4) === 'RIFF' && content.toString('latin1', 8, 12) === 'WEBP'
  );
}
