import { type ConfigValue, configText } from '../config/config-text.ts';

/** What a new folder of scripts is about. */
export interface NewProject {
  /** Of the configuration. */
  name: string;
  /** Version of Playwright Test that the command line knows. */
  playwright: string;
  config: ConfigValue;
  /** Texts of the script and what belongs to it, by the names of their files. */
  scripts: Record<string, string>;
  /** Names of the secrets that the script reads. */
  secrets: readonly string[];
}

/** Every file of a new folder of scripts, by name. */
export function projectFiles({ name, playwright, config, scripts, secrets }: NewProject): Record<string, string> {
  return {
    'vedette.config.ts': configText(config),
    ...scripts,
    'playwright.config.ts': playwrightConfig,
    'package.json': `${JSON.stringify({ name, private: true, type: 'module', devDependencies: { '@playwright/test': playwright } }, null, 2)}\n`,
    '.env.example': `# Copy to .env and fill in: \`vedette test\` reads it. On sentinels: vedette-sentinel secret set NAME\n${secrets.map((secret) => `${secret}=\n`).join('')}`,
    '.gitignore': '.env\nnode_modules/\ntest-results/\nvedette-results/\n',
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
