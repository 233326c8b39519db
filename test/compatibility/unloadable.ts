/** Scripts that Playwright Test refuses to load, and with them every other. */
export const unloadable: Record<string, string> = {
  'a file that cannot be loaded': `
    test('fine', async () => {});
    throw new Error('while loading');`,

  'a fixture that does not exist': `
    test('asks for it', async ({ nonsense }: any) => {});`,

  'fixtures in a circle': `
    const it = test.extend<{ a: string; b: string }>({ a: async ({ b }, use) => use(b), b: async ({ a }, use) => use(a) });
    it('never', async ({ a }) => {});`,
};

/** Apart, since one `only` leaves out the tests of every other file too. */
export const onlySpec = `
    test('left out', async () => {});
    test.only('chosen', async () => {});
    test.describe('group', () => { test.only('chosen too', async () => {}); test('left out too', async () => {}); });
    test.describe.only('only inside only', () => { test('left out by the deeper only', async () => {}); test.only('deeper', async () => {}); });`;
