/** What a device that has just started needs first: the server's certificate is judged by the clock. */
const before = 'network-online.target time-sync.target';

/** What a service is made of, on every platform. */
export interface Service {
  /** The program with its arguments, paths in full. */
  command: readonly string[];
  /** The sentinel's folder, the one place it writes to. */
  home: string;
}

/**
 * The unit of a sentinel; with `account`, that of the system, else of the user who installs it.
 *
 * Left out on purpose, since the sentinel's own walls stand on it: RestrictNamespaces and SystemCallFilter (bubblewrap and
 * Chromium's sandbox are made of namespaces and mounts), what hides or covers parts of /proc, such as ProtectProc and
 * ProtectKernelTunables (a namespace that can't see all of /proc may not mount its own), and MemoryDenyWriteExecute (both
 * Node and Chromium compile as they go).
 */
export function systemdUnit({ command, home }: Service, account?: string): string {
  const system = account !== undefined;
  return `[Unit]
Description=Vedette sentinel
${system ? `Wants=${before}\nAfter=${before}\n` : ''}StartLimitIntervalSec=0

[Service]
${system ? `User=${account}\n` : ''}ExecStart=${command.map((word, i) => (i === 0 ? quoted(word) : quotedArgument(word))).join(' ')}
Restart=always
RestartSec=30
# What was asked for wrongly stays wrong.
RestartPreventExitStatus=2
# One pool of memory for all threads, and what is free in it goes back: a sentinel waits most of the time.
Environment=MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=131072 MALLOC_TRIM_THRESHOLD_=65536
# Node would read the certificates, which nothing here trusts.
UnsetEnvironment=NODE_EXTRA_CA_CERTS
# The sentinel ends its browser and children itself.
KillMode=mixed
TimeoutStopSec=20
# A browser that takes too much is a run's failure, not the sentinel's end.
OOMPolicy=continue
MemoryMax=50%
TasksMax=4096
UMask=0077
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${quoted(home)}
PrivateTmp=yes
${system ? 'ProtectHome=yes\nPrivateDevices=yes\nCapabilityBoundingSet=' : 'PrivateUsers=yes'}
RestrictSUIDSGID=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
LockPersonality=yes
SystemCallArchitectures=native

[Install]
WantedBy=${system ? 'multi-user' : 'default'}.target
`;
}

/** What a program is given, as systemd.service(5) wants it: `$` begins a variable there, though not in the program's path. */
export function quotedArgument(text: string): string {
  return quoted(text).replaceAll('$', '$$$$');
}

/** As systemd.syntax(7) wants it; `%` begins what systemd would fill in. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`;
}
