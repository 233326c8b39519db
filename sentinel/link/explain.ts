import { PinMismatch } from '../../certs/pin.ts';
import { ProxyFault, Unconnected } from './phase.ts';

/** What went wrong on the way to the server, in which phase, for people. Never carries a stack. */
export function explain(error: unknown, address: string): string {
  if (error instanceof PinMismatch) return explainMismatch(error);
  if (error instanceof ProxyFault) return `cannot reach the server at ${address}: ${error.message}`;
  if (error instanceof Unconnected)
    return `cannot reach the server at ${address}: ${unconnected[error.phase](messageOf(error))}`;
  const code = codeOf(error);
  const row = phases.find(({ codes }) => codes.test(code));
  const why = row ? row.why(messageOf(error)) : `the connection broke (${messageOf(error)})`;
  return `cannot reach the server at ${address}: ${why}${code === '' ? '' : ` [${code}]`}`;
}

/** Whether the server's certificate was refused for its dates: by this device's clock it is not valid yet, or not any more. */
export function isOfDates(error: unknown): boolean {
  return datesRefused.test(codeOf(error));
}

/** Who answered can't be known, only what it showed; the advice goes by the name that our own authorities have. */
function explainMismatch({ message, address, issuer, seen }: PinMismatch): string {
  const next = /\bO=Vedette\b/.test(issuer)
    ? 'Either its keys were replaced while this sentinel was away, or it is another one: ask its operator for the pin ' +
      'and give it to `vedette-sentinel repin --pin PIN`'
    : `A proxy re-signs TLS, or another server answers: ask for ${address} to be let through untouched`;
  return `${message}. ${next}. Nothing was sent (pins seen: ${seen.slice(0, 2).join(', ')})`;
}

const unconnected: Record<Unconnected['phase'], (message: string) => string> = {
  TCP: (m) => `no connection could be made (connect): ${m}. Check the network and any firewall`,
  proxy: (m) => `the proxy did not open the way to it: ${m}. Check the proxy's address and that it runs`,
  TLS: (m) =>
    `the TLS handshake was begun and not finished (${m}). A firewall or proxy on the way may not let it through untouched, or the server lets others in first, as after its restart`,
};

/** A certificate's dates are held against this device's clock, which may be what is wrong. */
const datesRefused = /^CERT_(NOT_YET_VALID|HAS_EXPIRED)$/;

const phases: { codes: RegExp; why: (message: string) => string }[] = [
  { codes: /^(ENOTFOUND|EAI_)/, why: () => 'its name could not be resolved (DNS). Check the name' },
  { codes: /^ECONNREFUSED$/, why: () => 'nothing listens there (connect). Check the address and that the server runs' },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EACCES|ETIMEDOUT)$/,
    why: () => 'no connection could be made (connect). Check the network and any firewall',
  },
  {
    codes: /^TimeoutError$/,
    why: () => 'it took the request but did not answer in time',
  },
  { codes: /^ERR_SSL_|^EPROTO$/, why: () => 'it does not speak TLS 1.2 or 1.3 there (TLS). Check the port' },
  {
    codes: datesRefused,
    why: () =>
      `its certificate is not valid by this device's clock, on which it is ${new Date().toISOString().slice(0, 10)} (TLS): set the clock, or if it is right ask the server's operator to renew the certificate`,
  },
  { codes: /CERT|^ERR_TLS_|^UNABLE_TO_|^INVALID_CA$/, why: (m) => `its certificate was refused (TLS): ${m}` },
];

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'TimeoutError' ? error.name : '';
}

/** Without the advice that Node adds to some messages: a sentinel trusts no authority of the machine. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('; if the root CA is installed locally')[0] ?? message;
}
