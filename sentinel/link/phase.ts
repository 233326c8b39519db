import { PinMismatch } from '../../certs/pin.ts';
import type { Phase } from '../protocol/messages.ts';

/** The proxy did not open the way to the server; the message says why and what to do. */
export class ProxyFault extends Error {
  override readonly name = 'ProxyFault';
}

/** How far a request is on its way: the station at which its connection is being made, or that it has one. */
export interface Progress {
  at: 'TCP' | 'proxy' | 'TLS' | 'connected';
}

/** There was no connection over which anything could have been sent, which its cause alone would not tell. */
export class Unconnected extends Error {
  override readonly name = 'Unconnected';
  readonly phase: Exclude<Progress['at'], 'connected'>;

  constructor(phase: Unconnected['phase'], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.phase = phase;
  }
}

/** What ended a request, so that its station is told rightly: `error`, unless that looks like one of another station. */
export function endedAt({ at }: Progress, error: unknown): unknown {
  const isOfHttp = phaseOf(error) === 'HTTP';
  if (at !== 'connected') return isOfHttp ? new Unconnected(at, error) : error;
  return isOfHttp ? error : new Error(error instanceof Error ? error.message : String(error), { cause: error });
}

const codes: readonly [Phase, RegExp][] = [
  ['DNS', /^(ENOTFOUND|EAI_)/],
  ['TCP', /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|ETIMEDOUT)$/],
  ['TLS', /^ERR_SSL_|^EPROTO$|CERT|^ERR_TLS_|^UNABLE_TO_|^INVALID_CA$/],
];

/** At which station an exchange with the server stalled, by the error it ended with. What none before accounts for is HTTP. */
export function phaseOf(error: unknown): Phase {
  if (error instanceof PinMismatch) return 'pin';
  if (error instanceof ProxyFault) return 'proxy';
  if (error instanceof Unconnected) return error.phase;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return codes.find(([, pattern]) => pattern.test(code))?.[0] ?? 'HTTP';
}

/** Whether nothing of a message left the device, for certain: there was no connection to send it over. */
export function neverLeft(error: unknown): boolean {
  return phaseOf(error) !== 'HTTP';
}
