import type { Service } from './systemd.ts';
import { escaped } from './xml.ts';

export const launchdLabel = 'org.vedette.sentinel';

/** The agent of a sentinel on macOS, as launchd.plist(5) wants it: it runs while its user is logged in. */
export function launchdPlist({ command }: Service, log: string): string {
  const strings = (texts: readonly string[]) => texts.map((text) => `    <string>${escaped(text)}</string>`).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${launchdLabel}</string>
  <key>ProgramArguments</key>
  <array>
${strings(command)}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>30</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${escaped(log)}</string>
  <key>StandardErrorPath</key>
  <string>${escaped(log)}</string>
</dict>
</plist>
`;
}
