import { Command, Option } from 'commander';
import { type Made, makePackages } from './package.ts';
import { platforms } from './platforms.ts';

const names = [...platforms.map(({ name }) => name), 'npm', 'author'];

const program = new Command('npm run package --')
  .description(
    'makes what the server hands out to devices: an archive for each platform, install scripts, SHA-256 sums',
  )
  .addOption(
    new Option('--platform <name>', 'for one platform, the npm package, or that of authors')
      .choices([...names, 'all'])
      .default('all'),
  )
  .option(
    '--output <folder>',
    "where they go; the default is the server's own folder for them",
    '.vedette/server/install',
  )
  .option('--json', 'print one JSON object')
  .action(async ({ platform, output, json }: { platform: string; output: string; json?: boolean }) => {
    const made = await makePackages(platform === 'all' ? names : [platform], output);
    console.log(json ? JSON.stringify(made.map(inJson)) : made.map(inWords).join('\n'));
  });

function inJson({ file, packedBytes, unpackedBytes }: Made) {
  return { file, packed_mib: mebi(packedBytes), unpacked_mib: mebi(unpackedBytes) };
}

function inWords({ file, packedBytes, unpackedBytes }: Made): string {
  return `${file}: ${mebi(packedBytes)} MiB, unpacked ${mebi(unpackedBytes)} MiB`;
}

function mebi(bytes: number): number {
  return Math.round((bytes / 1024 ** 2) * 10) / 10;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
