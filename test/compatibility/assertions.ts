export const assertions: Record<string, string> = {
  'soft assertions': `
    test('goes on', async ({ page }) => {
      await test.step('A', async () => { expect.soft(1, 'one').toBe(2); await test.step('deep', async () => {}); });
      await test.step('B', async () => { await test.step('inner', async () => { expect.soft(1).toBe(3); }); });
      await test.step('C', async () => { await expect.soft(page.locator('nothing')).toBeVisible({ timeout: 200 }); });
      await test.step('D', async () => {});
      expect(test.info().errors.length).toBe(3);
    });
    test('configured', async () => { const soft = expect.configure({ soft: true, timeout: 100 }); soft(1).toBe(2); await test.step('after', async () => {}); });
    test('poll', async () => { await expect.soft.poll(() => 1, { timeout: 200 }).toBe(2); await test.step('after', async () => {}); });`,

  'expect, poll, toPass': `
    test('poll', async () => { let n = 0; await expect.poll(() => ++n, { intervals: [10] }).toBe(3); });
    test('poll in vain', async () => { await expect.poll(async () => 1, { timeout: 300, message: 'never' }).toBe(3); });
    test('toPass', async () => { let n = 0; await expect(async () => { expect(++n).toBe(3); }).toPass({ intervals: [10] }); });
    test('toPass in vain', async () => { await expect(() => { expect(1).toBe(2); }).toPass({ timeout: 300 }); });
    test('toPass until the test ends', async () => { test.setTimeout(900); await expect(() => { expect(1).toBe(2); }).toPass(); });
    test('not, resolves, rejects', async () => {
      expect(1).not.toBe(2);
      await expect(Promise.resolve(1)).resolves.toBe(1);
      await expect(Promise.reject(new Error('x'))).rejects.toThrow('x');
      expect({ a: [1, { b: 2 }] }).toEqual({ a: expect.arrayContaining([expect.objectContaining({ b: expect.any(Number) })]) });
      expect('abc').not.toEqual(expect.stringContaining('z'));
    });
    test('own matchers', async () => {
      const mine = expect.extend({ toBeEven(n: number) { return { pass: n % 2 === 0, message: () => 'odd' }; } });
      mine(2).toBeEven(); mine(3).not.toBeEven(); mine.soft(2).toBeEven();
      await mine.poll(() => 4).toBeEven();
    });
    test('web first', async ({ page }) => {
      await page.setContent('<button onclick="setTimeout(() => out.textContent = 42, 100)">Go</button><output id=out></output>');
      await page.getByRole('button').click();
      await expect(page.locator('output')).toHaveText('42');
      await expect(page.locator('output')).not.toHaveText('43');
      await expect(page).toHaveURL('about:blank');
    });`,

  'matchers of values': `
    test('pass', () => {
      expect([1, 2]).toHaveLength(2); expect('abc').toMatch(/b/); expect({ a: 1, b: 2 }).toMatchObject({ a: 1 }); expect(0.1 + 0.2).toBeCloseTo(0.3);
      expect(new Set([1])).toContain(1); expect(() => { throw new RangeError('no'); }).toThrow(RangeError); expect(null).toBeNull(); expect({ a: { b: 1 } }).toHaveProperty('a.b', 1);
      expect({ a: undefined }).not.toStrictEqual({}); expect([{ a: 1 }]).toContainEqual({ a: 1 }); expect(NaN).toBeNaN(); expect(new Date(0)).toBeInstanceOf(Date);
      expect(Date.now()).toEqual(expect.any(Number)); expect('x').toBeOneOf?.(['x']);
    });
    test('toEqual', () => { expect({ a: 1, b: [1, 2] }).toEqual({ a: 1, b: [1, 3] }); });
    test('toContain', () => { expect(['a']).toContain('b'); });
    test('toThrow', () => { expect(() => {}).toThrow(); });
    test('with a message', () => { expect(1, 'the sum').toBe(2); });
    test('not', () => { expect(1).not.toBe(1); });
    test('rejects', async () => { await expect(Promise.resolve(1)).rejects.toThrow(); });`,

  'matchers of pages': `
    test.beforeEach(async ({ page }) => { await page.setContent('<h1 class="a b" data-testid=head title=t>Head</h1><ul><li>one<li>two</ul><button disabled>Go</button><input placeholder=Name required><a href="/x">link</a>'); });
    test('pass', async ({ page }) => {
      await expect(page.getByTestId('head')).toHaveClass('a b'); await expect(page.getByTestId('head')).toContainClass('a'); await expect(page.locator('li')).toHaveText(['one', 'two']); await expect(page.locator('li')).toHaveCount(2);
      await expect(page.getByRole('button')).toBeDisabled(); await expect(page.getByPlaceholder('Name')).toBeEditable(); await expect(page.getByPlaceholder('Name')).toBeEmpty(); await expect(page.getByTitle('t')).toBeInViewport();
      await expect(page.getByRole('link')).toHaveAttribute('href', '/x'); await expect(page.getByText('Head')).toHaveAccessibleName('Head'); await expect(page.getByText('none')).toHaveCount(0); await expect(page.getByRole('link')).toHaveRole('link'); await expect(page.locator('h1')).toHaveJSProperty('tagName', 'H1'); await expect(page.locator('li').first()).toBeAttached(); await page.locator('input').focus(); await expect(page.locator('input')).toBeFocused();
    });
    test('text', async ({ page }) => { await expect(page.locator('h1')).toHaveText('Other', { timeout: 200 }); });
    test('count', async ({ page }) => { await expect(page.locator('li')).toHaveCount(3, { timeout: 200 }); });
    test('visible', async ({ page }) => { await expect(page.getByText('None')).toBeVisible({ timeout: 200 }); });
    test('enabled', async ({ page }) => { await expect(page.getByRole('button')).toBeEnabled({ timeout: 200 }); });
    test('two of them', async ({ page }) => { await expect(page.locator('li')).toBeVisible({ timeout: 200 }); });
    test('title', async ({ page }) => { await expect(page).toHaveTitle('x', { timeout: 200 }); });
    test('soft, then hard', async ({ page }) => { await expect.soft(page.locator('h1')).toHaveText('Other', { timeout: 200 }); await expect(page.locator('h1')).toHaveClass('c', { timeout: 200 }); });`,
};
