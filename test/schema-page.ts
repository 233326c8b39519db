import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { customerMigrations } from '../db/customer/migrations.ts';
import type { Migration } from '../db/migrate.ts';
import { openDatabase } from '../db/open-database.ts';
import { registryMigrations } from '../db/registry/migrations.ts';

/* The diagrams of db/README.md, made from databases that were migrated from nothing; `npm run fix` writes them. */

export const schemaPageFile = join(import.meta.dirname, '../db/README.md');
const parts: [title: string, steps: readonly Migration[]][] = [
  ['The registry', registryMigrations],
  ['A customer', customerMigrations],
];

/** The page with the diagrams as the schemas are now; what people wrote beside them stays. */
export async function renewedSchemaPage(page: string): Promise<string> {
  let renewed = page;
  for (const [title, steps] of parts) {
    const diagram = await diagramOf(steps);
    const place = new RegExp(`(\\n## ${title}\\n[^#]*?\`\`\`mermaid\\n)[^\`]*(\`\`\`)`);
    if (!place.test(renewed)) throw new Error(`db/README.md has no place for the diagram of "${title}"`);
    renewed = renewed.replace(place, (_all, before: string, after: string) => `${before}${diagram}${after}`);
  }
  return renewed;
}

export async function writeSchemaPage(): Promise<void> {
  writeFileSync(schemaPageFile, await renewedSchemaPage(readFileSync(schemaPageFile, 'utf8')));
}

/** `erDiagram` of Mermaid: tables by name with their columns, then the foreign keys. */
async function diagramOf(steps: readonly Migration[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-schema-'));
  const db = await openDatabase(join(folder, 'empty.sqlite'), steps);
  try {
    const tables: { name: string }[] = await db('sqlite_schema')
      .where({ type: 'table' })
      .whereNot('name', 'like', 'sqlite%')
      .orderBy('name');
    const lines: string[] = [];
    for (const { name } of tables) lines.push(`  ${name} {`, ...(await columnsOf(db, name)), '  }');
    for (const { name } of tables) lines.push(...(await foreignKeysOf(db, name)));
    return `erDiagram\n${lines.join('\n')}\n`;
  } finally {
    await db.destroy();
    rmSync(folder, { recursive: true });
  }
}

async function columnsOf(db: Knex, table: string): Promise<string[]> {
  const columns: { name: string; type: string; pk: number }[] = await db.raw('pragma table_info(??)', [table]);
  const foreign = new Set((await referencesOf(db, table)).map(({ from }) => from));
  return columns.map(({ name, type, pk }) => {
    const keys = [...(pk > 0 ? ['PK'] : []), ...(foreign.has(name) ? ['FK'] : [])].join(', ');
    return `    ${type.toLowerCase().replaceAll(/\W+/g, '_').replace(/_$/, '')} ${name} ${keys}`.trimEnd();
  });
}

async function foreignKeysOf(db: Knex, table: string): Promise<string[]> {
  const references = await referencesOf(db, table);
  return references.map((to) => `  ${to.table} ||--o{ ${table} : ${to.from}`).toSorted();
}

function referencesOf(db: Knex, table: string): Promise<{ table: string; from: string }[]> {
  return db.raw('pragma foreign_key_list(??)', [table]);
}
