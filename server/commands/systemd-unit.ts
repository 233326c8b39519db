export interface ServerService {
  /** The program with its arguments, paths in full. */
  command: readonly string[];
  /** All that it writes to: the data folder, and that of the databases where it is another. */
  folders: readonly string[];
  account: string;
  /** File with `NAME=value` lines. */
  environmentFile?: string;
  /** Whether it listens on a port below 1024. */
  lowPort?: boolean;
}

/**
 * How the C library keeps memory, so that a connection takes a fifth less: one pool for all threads, and larger pieces as
 * pages of their own. Of the 64 KiB into which each connection reads it touches two pages, unless a handshake's buffers lay
 * there before. Not so many that the kernel's limit is near.
 */
export const memoryEnvironment = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '16384',
  MALLOC_MMAP_MAX_: '30000',
  MALLOC_TRIM_THRESHOLD_: '65536',
} as const;

/**
 * The systemd unit of a server (systemd.exec(5)). MemoryDenyWriteExecute is left out, since Node compiles as it goes.
 */
export function serverUnit({ command, folders, account, environmentFile, lowPort = false }: ServerService): string {
  const capability = lowPort ? 'CAP_NET_BIND_SERVICE' : '';
  const environment = Object.entries(memoryEnvironment).map((pair) => pair.join('='));
  return `[Unit]
Description=Vedette server
Wants=network-online.target
After=network-online.target mariadb.service mysql.service
StartLimitIntervalSec=0

[Service]
User=${account}
Environment=${environment.join(' ')}
${environmentFile === undefined ? '' : `EnvironmentFile=${quoted(environmentFile)}\n`}ExecStart=${command.map(quoted).join(' ')}
Restart=always
RestartSec=5
TimeoutStopSec=30
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${folders.map(quoted).join(' ')}
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictNamespaces=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
LockPersonality=yes
SystemCallArchitectures=native
CapabilityBoundingSet=${capability}
AmbientCapabilities=${capability}

[Install]
WantedBy=multi-user.target
`;
}

/** As systemd.syntax(7) wants it; `%` and `$` begin what systemd would fill in. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}
