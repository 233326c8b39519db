import { PinMismatch } from '../../certs/pin.ts';
import type { Phase } from '../protocol/messages.ts';
import { ProxyFault } from './connector.ts';

const codes: readonly [Phase, RegExp][] = [
  ['DNS', /^(ENOTFOUND|EAI_)/],
  ['TCP', /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|ETIMEDOUT)$/],
  ['TLS', /^ERR_SSL_|^EPROTO$|CERT|^ERR_TLS_|^UNABLE_TO_|^INVALID_CA$/],
];

/** At which station an exchange with the server stalled, by the error it ended with. What none before accounts for is HTTP. */
export function phaseOf(error: unknown): Phase {
  if (error instanceof PinMismatch) return 'pin';
  if (error instanceof ProxyFault) return 'proxy';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return codes.find(([, pattern]) => pattern.test(code))?.[0] ?? 'HTTP';
}

/** Whether nothing of a message left the device, for certain: there was no connection to send it over. */
export function neverLeft(error: unknown): boolean {
  return phaseOf(error) !== 'HTTP';
}
