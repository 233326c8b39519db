import { mark } from './mark.ts';

export const declarations: Record<string, string> = {
  'a test without steps': `
    test('alone', async () => { expect(1 + 1).toBe(2); });`,

  'tests with and without steps': `
    test('without', async () => {});
    test('with', async () => { await test.step('A', async () => {}); await test.step('B', async () => {}); });
    test('fails outside its steps', async () => { await test.step('C', async () => {}); expect(1).toBe(2); });
    test('still runs', async () => { await test.step('D', async () => {}); });`,

  'nested describes and titles': `
    test.describe('outer', () => {
      test('one', async () => {});
      test.describe('inner', () => { test('two', async () => { await test.step('S', async () => {}); }); });
      test.describe(() => { test('three', async () => {}); });
      test.describe('with details', { tag: '@a', annotation: { type: 'issue', description: 'x' } }, () => {
        test('four', { tag: ['@b', '@c'] }, async ({}, info) => { expect(info.tags).toEqual(['@a', '@b', '@c']); expect(info.annotations[0]?.type).toBe('issue'); });
      });
    });`,

  'serial groups': `${mark}
    test.describe('a', () => {
      test.describe.configure({ mode: 'serial' });
      test('1', async () => mark('in 1'));
      test('2', async () => { await mark('in 2'); throw new Error('x'); });
      test('3', async () => mark('in 3'));
      test.describe('inner', () => { test('4', async () => mark('in 4')); });
    });
    test('between', async () => mark('in between'));
    test.describe.serial('b', () => { test('5', async () => mark('in 5')); test.skip('6', async () => {}); test('7', async () => mark('in 7')); });`,

  'info of a test': `
    test.describe('group', () => {
      test('title', { annotation: { type: 'issue', description: '1' } }, async ({ baseURL }, info) => {
        expect(info).toBe(test.info());
        expect(info.title).toBe('title');
        expect(info.titlePath.slice(1)).toEqual(['group', 'title']);
        expect(info.retry).toBe(0);
        expect(info.annotations.map((a) => a.type)).toEqual(['issue']);
        info.annotations.push({ type: 'more' });
        await info.attach('text', { body: 'hello', contentType: 'text/plain' });
        expect(info.attachments.map((a) => [a.name, a.contentType])).toEqual([['text', 'text/plain']]);
        expect(info.outputPath('a', 'b.txt').endsWith('b.txt')).toBe(true);
        expect(info.project.name).toBeDefined();
        expect(info.project.use.baseURL).toBe(baseURL);
        await test.step('S', async (step) => { await step.attach('more', { body: 'x' }); });
      });
    });
    test('no test is running', async () => {});
    let message = '';
    try { test.info(); } catch (error) { message = (error as Error).message; }
    test('outside', async () => { expect(message).toContain('can only be called while test is running'); });`,

  'parallel groups': `
    test.describe.configure({ mode: 'parallel' });
    test('one', async () => { await test.step('1', async () => {}); });
    test('two fails', async () => { throw new Error('x'); });
    test('three', async () => { await test.step('3', async () => {}); });
    test.describe.parallel('group', () => { test('four', async () => {}); });`,

  'serial groups with hooks': `
    test.describe.serial('flow', () => {
      test.beforeAll(async () => { await test.step('beforeAll', async () => {}); });
      test.afterAll(async () => { await test.step('afterAll', async () => {}); });
      test('one', async () => { await test.step('1', async () => {}); });
      test('two', async () => { await test.step('2', async () => { expect(1).toBe(2); }); });
      test('three', async () => { await test.step('3', async () => {}); });
    });
    test('after', async () => {});`,

  'tags and annotations': `
    test.describe('group @smoke', { tag: '@group' }, () => {
      test('tagged @fast', { tag: ['@own'], annotation: [{ type: 'issue', description: '1' }, { type: 'owner' }] }, async ({}, info) => {
        expect(info.tags).toEqual(['@smoke', '@group', '@fast', '@own']);
        test.info().annotations.push({ type: 'later', description: 'x' });
        expect(info.annotations.map(({ type, description }) => [type, description])).toEqual([['issue', '1'], ['owner', undefined], ['later', 'x']]);
      });
    });`,
};
