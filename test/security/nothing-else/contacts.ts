import { readFileSync } from 'node:fs';

/** Somewhere that a process turned to. */
export interface Contact {
  /** `connect` opens a connection or chooses where datagrams go; the others send. */
  call: string;
  protocol: string;
  /** `address:port`. */
  to: string;
}

/** What strace saw, each once; what stays within the device's own sockets, and the kernel's, left out. */
export function contactsIn(file: string): Contact[] {
  const seen = new Map<string, Contact>();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const contact = contactOf(line);
    if (contact) seen.set(JSON.stringify(contact), contact);
  }
  return [...seen.values()];
}

function contactOf(line: string): Contact | undefined {
  const [, call = '', protocol = ''] = /^\d+ +(connect|sendto|sendmsg|sendmmsg)\(\d+<([A-Za-z0-9]+)/.exec(line) ?? [];
  const [, port, four] =
    /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)/.exec(line) ??
    /sin6_port=htons\((\d+)\),.*?inet_pton\(AF_INET6, "([^"]+)"/.exec(line) ??
    [];
  if (call === '' || port === undefined || four === undefined) return undefined;
  return { call, protocol, to: `${four}:${port}` };
}
