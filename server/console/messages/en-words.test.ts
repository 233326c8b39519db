import assert from 'node:assert/strict';
import { test } from 'node:test';
import { because, listed, overviewHeadline, troubleSentence } from './en-words.ts';

const trouble = {
  transaction: 'Login',
  errorCode: 'ELEMENT_NOT_FOUND',
  message: '',
  since: '10:42',
  count: 3,
  locations: ['Utrecht'],
};

test('trouble is told as a service manager would', () => {
  const message = "locator.click: Timeout 5000ms exceeded.\nwaiting for getByRole('button', { name: 'Sign in' })";
  assert.equal(
    troubleSentence({ ...trouble, message }),
    'Login failed at Utrecht 3 times since 10:42: the button ‘Sign in’ was not found',
  );
  assert.equal(
    troubleSentence({ ...trouble, errorCode: 'DNS', count: 1, locations: [] }),
    "Login failed once, at 10:42: the application's host name could not be resolved",
  );
});

test('the reason names what the message names, and else what the code means', () => {
  assert.equal(
    because('HTTP_5XX', 'POST http://shop.test:8080/checkout answered 500 Internal Server Error'),
    'the application answered /checkout with HTTP 500',
  );
  assert.equal(because('HTTP_5XX', 'something'), 'the application answered with an error of its own');
  assert.equal(because('ASSERTION', "expect(getByRole('heading')).toBeVisible()"), 'the heading was not as expected');
  assert.equal(
    because('TIMEOUT', "waiting for getByLabel('User')"),
    'the field ‘User’ did not appear or answer in time',
  );
  assert.equal(because('A_NEW_CODE', 'first line\nsecond'), 'first line');
  assert.equal(because('', ''), 'no reason was reported');
});

test('places are listed, many are counted', () => {
  assert.deepEqual([['A'], ['A', 'B'], ['A', 'B', 'C'], ['A', 'B', 'C', 'D']].map(listed), [
    'A',
    'A and B',
    'A, B and C',
    'A, B and 2 more',
  ]);
});

test('the headline tells the worst first', () => {
  assert.equal(overviewHeadline([]), 'No monitors yet');
  assert.equal(overviewHeadline(['up', 'paused']), 'All 2 monitors are fine');
  assert.equal(overviewHeadline(['up', 'noData', 'failing', 'failing']), '2 failing, 1 without data of 4 monitors');
});
