import { mark } from './mark.ts';

export const verdicts: Record<string, string> = {
  'skip and fixme': `${mark}
    test.skip('declared', async () => mark('no'));
    test.fixme('declared fixme', async () => mark('no'));
    test.skip('with details', { tag: '@x' }, async () => mark('no'));
    test('inside', async () => { await mark('begun'); test.skip(); await mark('no'); });
    test('inside with reason', async () => { test.skip(true, 'because'); });
    test('not skipped', async () => { test.skip(false, 'because'); test.fixme(false); await mark('yes'); });
    test('by info', async ({}, info) => { info.fixme(true, 'x'); });
    test('in a step', async () => { await test.step('S', async () => { test.skip(); }); await mark('no'); });
    test.describe.skip('whole group', () => { test.beforeAll(async () => mark('no')); test('a', async () => mark('no')); });
    test.describe.fixme('whole other group', () => { test('b', async () => mark('no')); });`,

  'conditions of a group': `${mark}
    test.describe('function', () => {
      test.skip(({ browserName }) => browserName === 'chromium', 'not in chromium');
      test.beforeEach(async () => mark('no'));
      test('a', async () => mark('no'));
    });
    test.describe('false', () => {
      test.skip(({ browserName }) => browserName !== 'chromium', 'only in chromium');
      test.skip(false, 'never');
      test('b', async () => mark('in b'));
    });
    test.describe('plain', () => { test.skip(true, 'always'); test('c', async () => mark('no')); });
    test.describe('fails', () => { test.fail(({ browserName }) => browserName === 'chromium'); test('d', async () => { throw new Error('x'); }); test('e', async () => {}); });
    test.describe('per test', () => {
      test.skip(({ viewport }) => viewport!.width > 100, 'wide');
      test.beforeEach(async () => mark('no'));
      test('f', async () => mark('no'));
    });`,

  'expected failures': `
    test.fail('declared', async () => { throw new Error('x'); });
    test.fail('declared but passes', async () => {});
    test('inside', async () => { test.fail(true, 'known'); expect(1).toBe(2); });
    test('inside, not met', async () => { test.fail(false); });
    test('soft', async () => { test.fail(); expect.soft(1).toBe(2); });
    test('a time-out is not the failure expected', async () => { test.fail(); test.setTimeout(300); await new Promise(() => {}); });
    test('skip wins', async () => { test.fail(); test.skip(); });
    test.describe('hook', () => { test.afterEach(async () => { throw new Error('x'); }); test('fails later', async () => { test.fail(); }); });`,

  'time-outs': `
    test.describe('describe', () => {
      test.describe.configure({ timeout: 300 });
      test('too slow', async () => { await test.step('S', async () => { await new Promise((r) => setTimeout(r, 5000)); }); });
      test('slow is allowed', async () => { test.slow(); await new Promise((r) => setTimeout(r, 500)); expect(test.info().timeout).toBe(900); });
    });
    test('set inside', async () => { test.setTimeout(200); await new Promise((r) => setTimeout(r, 3000)); });
    test('set by info', async ({}, info) => { info.setTimeout(4321); expect(info.timeout).toBe(4321); });
    test.describe('hook', () => {
      test.beforeEach(async () => { test.setTimeout(200); await new Promise((r) => setTimeout(r, 2000)); });
      test('hook too slow', async () => { await test.step('no', async () => {}); });
    });
    test.describe('slow modifier', () => { test.slow(); test.setTimeout(1000); test('tripled', async () => { expect(test.info().timeout).toBe(3000); }); });`,

  'errors nobody awaits': `${mark}
    test('in a timer', async () => { setTimeout(() => { throw new Error('late'); }, 50); await new Promise((r) => setTimeout(r, 1500)); await mark('not reached'); });
    test('a rejection', async () => { void Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1500)); await mark('not reached'); });
    test('goes on', async () => mark('yes'));
    test.afterEach(async () => mark('afterEach'));`,

  'odd throws': `
    test('a text', async () => { throw 'text'; });
    test('nothing', async () => { throw undefined; });
    test('an object', async () => { throw { a: 1 }; });
    test('in a sync body', () => { throw new Error('x'); });`,

  'all skipped': `
    test.skip('a', async () => {});
    test('b', async () => { test.skip(true, 'no'); });`,

  'time-outs of hooks': `
    const forever = () => new Promise(() => {});
    test.describe('beforeAll', () => { test.beforeAll(async () => { test.setTimeout(200); await forever(); }); test('a', async () => {}); test('b', async () => {}); });
    test.describe('afterAll', () => { test.afterAll(async () => { test.setTimeout(200); await forever(); }); test('c', async () => {}); });
    test.describe('afterEach', () => { test.afterEach(async () => { test.setTimeout(300); await forever(); }); test('d', async () => { await test.step('S', async () => {}); }); });
    test('e', async () => {});`,

  'an assertion that waits for the test to end': `
    test('expect', async ({ page }) => { test.setTimeout(1500); await page.setContent('<p>x</p>'); await test.step('waits', async () => { await expect(page.locator('p')).toHaveText('y', { timeout: 60_000 }); }); });
    test('poll', async () => { test.setTimeout(500); await test.step('polls', async () => { await expect.poll(() => 1, { timeout: 60_000 }).toBe(2); }); });`,

  'skips in hooks and fixtures by condition': `
    const it = test.extend<{ weekday: string }>({ weekday: [async ({}, use, info) => { info.skip(info.title === 'b', 'not b'); await use('monday'); }, { auto: true }] });
    it.beforeEach(async ({ weekday }, info) => { info.fixme(info.title === 'c' && weekday === 'monday'); });
    it('a', async () => { await test.step('ran', async () => {}); });
    it('b', async () => { await test.step('no', async () => {}); });
    it('c', async () => { await test.step('no', async () => {}); });
    it.skip(({ browserName }, ) => browserName === 'firefox', 'never');
    it('d', async ({ weekday }) => { expect(weekday).toBe('monday'); });`,

  'a failure and an error after it': `
    test.afterEach(async () => { throw new Error('second'); });
    test('both', async () => { expect.soft(1).toBe(2); throw new Error('first'); });
    test('only the hook', async () => {});`,

  'expected failures that fail elsewhere': `
    test.fail('in a step', async () => { await test.step('S', async () => { throw new Error('x'); }); await test.step('T', async () => {}); });
    test.describe('before', () => { test.beforeEach(async () => { throw new Error('x'); }); test.fail('in beforeEach', async () => {}); });
    test.fail('in a fixture', async ({ page }) => { await page.click('none', { timeout: 100 }); });`,
};
