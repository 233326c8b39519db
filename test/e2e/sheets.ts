import { strFromU8, unzipSync } from 'fflate';

export type SheetValue = string | number | null;

/** The cells of a workbook's sheets by their names, row by row; dates are days since 30 December 1899. */
export function sheetsOf(file: Uint8Array): Record<string, SheetValue[][]> {
  const parts = unzipSync(file);
  const text = (name: string) => strFromU8(parts[name] ?? new Uint8Array());
  const shared = [...text('xl/sharedStrings.xml').matchAll(/<si>([\s\S]*?)<\/si>/g)].map(([, si = '']) => textIn(si));
  const names = [...text('xl/workbook.xml').matchAll(/<sheet [^>]*name="([^"]*)"/g)].map(([, name = '']) =>
    plain(name),
  );
  return Object.fromEntries(names.map((name, i) => [name, rowsOf(text(`xl/worksheets/sheet${i + 1}.xml`), shared)]));
}

function rowsOf(xml: string, shared: readonly string[]): SheetValue[][] {
  return [...xml.matchAll(/<row [^>]*?(?:\/>|>([\s\S]*?)<\/row>)/g)].map(([, row = '']) => {
    const cells: SheetValue[] = [];
    for (const [, at = '', more = '', content = ''] of row.matchAll(
      /<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>([\s\S]*?)<\/c>)/g,
    )) {
      const column = [...at].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
      const [, value] = /<v>([^<]*)<\/v>/.exec(content) ?? [];
      const isShared = more.includes('t="s"');
      cells[column] =
        value === undefined
          ? content === ''
            ? null
            : textIn(content)
          : isShared
            ? (shared[Number(value)] ?? null)
            : Number(value);
    }
    return Array.from(cells, (cell) => cell ?? null);
  });
}

function textIn(xml: string): string {
  return plain([...xml.matchAll(/<t[^>]*>([^<]*)<\/t>/g)].map(([, text = '']) => text).join(''));
}

function plain(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
