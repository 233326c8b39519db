export interface Installation {
  /** Origin under which the device reaches the server, such as `https://vedette.example:8443`. */
  url: string;
  /** The authority's pin, which the sentinel keeps. */
  pin: string;
  /** The pin of the server's own key, which is all that curl can compare; another one after the certificate is renewed. */
  leafPin: string;
  code: string;
}

/** What an administrator pastes into a shell of the device to install a sentinel and enrol it. */
export interface InstallLines {
  /** Linux and macOS, any shell. */
  unix: string;
  /** Windows, PowerShell. */
  windows: string;
}

/**
 * The lines that install and enrol. `--insecure` lets curl go on without knowing the authority; it compares the key with
 * the pin even so, before it sends a byte. Throws TypeError unless `url` is an https origin and nothing else is odd: the
 * lines are pasted into shells.
 */
export function installLines({ url, pin, leafPin, code }: Installation): InstallLines {
  const origin = originForShells(url);
  refuseOdd(pin, leafPin, code);
  const fetched = (curl: string, file: string) =>
    `${curl} -fsSk --pinnedpubkey 'sha256//${leafPin}' '${origin}/install/${file}'`;
  const wishes = (dash: string, leaf: string) =>
    `${dash}server '${origin}' ${dash}pin '${pin}' ${dash}${leaf} '${leafPin}' ${dash}code '${code}'`;
  return {
    unix: `${fetched('curl', 'install.sh')} | sh -s -- ${wishes('--', 'leaf-pin')}`,
    windows: `& ([scriptblock]::Create((${fetched('curl.exe', 'install.ps1')} | Out-String))) ${wishes('-', 'LeafPin')}`,
  };
}

/** The line that enrols a device on which a sentinel is installed, for any shell. Throws as `installLines`. */
export function enrolLine({ url, pin, code }: Omit<Installation, 'leafPin'>): string {
  refuseOdd(pin, code);
  return `vedette-sentinel enrol --server '${originForShells(url)}' --pin '${pin}' --code '${code}'`;
}

function originForShells(url: string): string {
  const { protocol, origin, host } = new URL(url);
  if (protocol !== 'https:') throw new TypeError(`a sentinel is installed over https, not from ${url}`);
  if (!/^[\w.:[\]-]+$/.test(host)) throw new TypeError(`"${host}" can't be part of a command`); // a host may hold a quote
  return origin;
}

function refuseOdd(...texts: string[]): void {
  for (const text of texts) if (!/^[\w+/=-]+$/.test(text)) throw new TypeError(`"${text}" can't be part of a command`);
}
