/** How a run's id lies in the database: the 16 bytes of its UUID. */
export function runKey(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

/** The UUID that lies in the database as these 16 bytes. */
export function runIdOf(key: Uint8Array): string {
  const hex = Buffer.from(key).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
