import path from 'node:path';
import { configText, newProjectId } from '../config/config-text.ts';
import { configName } from '../config/load.ts';
import { gitIgnore } from './write-project.ts';

/** What a new folder of scripts is about. */
export interface NewProject {
  /** Where it is; left out, here. */
  folder?: string;
  /** Version of Playwright Test that the command line knows. */
  playwright: string;
  monitors: object[];
  /** Texts of the script and what belongs to it, by the names of their files. */
  scripts: Record<string, string>;
  /** Names of the secrets that the script reads. */
  secrets: readonly string[];
}

/** A name that the configuration of a folder can have. */
function nameOf(folder: string): string {
  const name = path
    .basename(path.resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return name.slice(0, 100) || 'monitors';
}

/** Every file of a new folder of scripts, by name. */
export function projectFiles({
  folder = '.',
  playwright,
  monitors,
  scripts,
  secrets,
}: NewProject): Record<string, string> {
  const name = nameOf(folder);
  return {
    [configName]: configText({ name, project: newProjectId(), monitors }),
    ...scripts,
    'playwright.config.ts': playwrightConfig,
    'package.json': `${JSON.stringify({ name, private: true, type: 'module', devDependencies: { '@playwright/test': playwright } }, null, 2)}\n`,
    '.env.example': `# Copy to .env and fill in: \`vedette test\` reads it. On sentinels: vedette-sentinel secret set NAME\n${secrets.map((secret) => `${secret}=\n`).join('')}`,
    ...gitIgnore,
  };
}

const playwrightConfig = `import { defineConfig } from '@playwright/test';

// For npx playwright test and the VS Code extension; vedette test and sentinels go by vedette.config.ts.
export default defineConfig({
  testDir: '.',
  use: { baseURL: process.env.BASE_URL },
});
`;

export const exampleSpec = `import { expect, test } from '@playwright/test';

test('Example', async ({ page }) => {
  await test.step('Open', async () => {
    await page.goto('/');
    await expect(page).toHaveTitle(/./);
  });
});
`;
