import react from '@vitejs/plugin-react';
import { defineConfig, type HtmlTagDescriptor, type Plugin, type Rolldown } from 'vite';

type Chunk = Rolldown.OutputChunk;

/** Which files a page names by itself, not only by what names them: the console's come together with what asks ahead of them. */
const consoleAtOnce: Plugin = {
  name: 'console-at-once',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle = {}, path }) {
      const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
      const main = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/main.tsx'));
      if (!main || path !== '/index.html') return [];
      return [
        ...Object.keys(bundle)
          .filter((name) => name.includes(typeface))
          .map(preloadFont),
        ...withImports(main, chunks).flatMap(links),
      ];
    },
  },
};

/** Text is drawn but once when it is there before the text: all that the console says itself is in this part of it. */
const typeface = 'inter-latin-wght-normal';

function preloadFont(fileName: string): HtmlTagDescriptor {
  const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, href: `/${fileName}` };
  return { tag: 'link', injectTo: 'head', attrs };
}

/** What it imports comes before it, as in the order of styles. */
function withImports(chunk: Chunk, chunks: readonly Chunk[]): Chunk[] {
  const imported = chunks.filter(({ fileName }) => chunk.imports.includes(fileName));
  return [...new Set([...imported.flatMap((one) => withImports(one, chunks)), chunk])];
}

function links({ fileName, viteMetadata }: Chunk): HtmlTagDescriptor[] {
  const link = (rel: string, href: string): HtmlTagDescriptor => ({
    ...{ tag: 'link', injectTo: 'head' },
    attrs: { rel, crossorigin: true, href: `/${href}` },
  });
  return [
    ...[...(viteMetadata?.importedCss ?? [])].map((css) => link('stylesheet', css)),
    link('modulepreload', fileName),
  ];
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), consoleAtOnce],
  build: {
    outDir: 'dist',
    // The console, and the page by which the server prints reports.
    rolldownOptions: {
      input: ['index.html', 'print.html'].map((page) => `${import.meta.dirname}/${page}`),
      output: {
        codeSplitting: {
          groups: [
            // What asks ahead must not wait for more than it needs.
            { name: 'ahead', test: /console\/(api\/ahead|shown-first|period)\.ts$|preload-helper/, priority: 3 },
            // React and the styles that all others come after.
            {
              name: 'ground',
              test: /rolldown.runtime|\/(react|react-dom|scheduler|@fontsource-variable|@mantine\/core\/styles)\/|console\/(styles\.ts|base\.css|tokens\.css)$/,
              priority: 2,
            },
            // Few files rather than many: what pages share comes with the first of them, but for what few of them need much of.
            { name: 'shared', test: /^(?!.*(lezer|codemirror|parts\/(code|report)\/))/, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
    emptyOutDir: true,
    // A font inside the stylesheet would be a data: address, which the server's content security policy refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    // In kB before compression.
    chunkSizeWarningLimit: 700,
  },
});
