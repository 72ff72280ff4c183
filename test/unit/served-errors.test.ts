import { safely } from '../../lambdas/runtime/safely';

const SECRET = 'not-for-anybody';

it('an error that is not foreseen leaves with the place it was thrown at, and without a word of its own', () => {
  const { name, message, stack } = safely(new TypeError(`refused ${SECRET}`), 'Mint');
  expect([name, stack]).toEqual(['Internal', `Internal: ${message}`]);
  expect(message).toMatch(/^Stage Mint failed .* \(TypeError at .*served-errors\.test\.ts:\d+:\d+\)/);
  expect(message).not.toContain(SECRET);
});

it('a line of its message that looks like one of a stack is not taken for the place', () => {
  const { message } = safely(new Error(`refused:\n    at ${SECRET} (file.ts:1:1)`), 'Mint');
  expect(message).toMatch(/\(Error at .*served-errors\.test\.ts:\d+:\d+\)/);
  expect(message).not.toContain(SECRET);
});

it.each([
  ['has none', undefined],
  ['does not begin with its message', `Error: an older message\n    at ${SECRET}`],
])('an error whose stack %s leaves without a place', (_what, stack) => {
  const error = Object.assign(new Error('a newer message'), { stack });
  expect(safely(error, 'Mint').message).toContain('(Error )');
});
