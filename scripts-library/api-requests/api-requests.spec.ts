import { expect, test } from '@playwright/test';

const { LOGIN_PATH = './login', USER_FIELD = 'user', PASSWORD_FIELD = 'password', TOKEN_FIELD = 'token' } = process.env;
const { LIST_PATH = './items', LEAST_ITEMS = '1', LOGIN_USER = '', LOGIN_PASSWORD = '' } = process.env;

test('API', async ({ request }) => {
  let token = '';

  await test.step('Login', async () => {
    const data = { [USER_FIELD]: LOGIN_USER, [PASSWORD_FIELD]: LOGIN_PASSWORD };
    const answer = await request.post(LOGIN_PATH, { data, timeout: 10_000 });
    expect(answer.status(), 'the answer to the login').toBeLessThan(300);
    token = (await answer.json())[TOKEN_FIELD];
    expect(token, `the field ${TOKEN_FIELD} of the answer`).toBeTruthy();
  });

  await test.step('List', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await request.get(LIST_PATH, { headers, timeout: 10_000 });
    expect(answer.status(), 'the answer to the list').toBeLessThan(300);
    const items: unknown = await answer.json();
    expect(Array.isArray(items) ? items.length : 0, 'items in the list').toBeGreaterThanOrEqual(Number(LEAST_ITEMS));
  });
});
