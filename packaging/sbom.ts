import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';

/* `npm run sbom`: every library that the server or a sentinel runs with, as CycloneDX; how many there are goes to stderr. */

const root = dirname(import.meta.dirname);
const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'];
const isWindows = process.platform === 'win32';
const options = { cwd: root, maxBuffer: 64 * 2 ** 20, shell: isWindows };

try {
  const text = execFileSync(isWindows ? 'npm.cmd' : 'npm', args, {
    ...options,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString();
  const { components }: { components: unknown[] } = JSON.parse(text);
  console.log(text.trimEnd());
  console.error(`${components.length} libraries, those of other platforms included`);
} catch (error) {
  console.error(`npm could not make the list: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
