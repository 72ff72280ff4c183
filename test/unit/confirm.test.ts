import { PassThrough } from 'node:stream';
import { askToConfirm, confirmationOf, type Asking } from '../../apps/cli/confirm';

/** A person at a terminal. */
function atTerminal(): Asking & { readonly input: PassThrough & { isTTY: boolean }; shown(): string } {
  const output = new PassThrough();
  let shown = '';
  output.on('data', (text: Buffer) => (shown += text.toString()));
  return { input: Object.assign(new PassThrough(), { isTTY: true }), output, shown: () => shown };
}

describe('the confirmation of a revocation', () => {
  it('is asked for at a terminal, and goes on when the id is typed', async () => {
    const person = atTerminal();
    expect(confirmationOf('orders-db', undefined, person)).toBe('ask');
    const asked = askToConfirm('orders-db', 'Type orders-db to go on: ', person);
    person.input.write('orders-db\n');
    await asked;
    expect(person.shown()).toContain('Type orders-db to go on: ');
  });

  it.each(['', 'yes', 'orders', 'billing-db'])('is not given by typing %p', async (typed) => {
    const person = atTerminal();
    const asked = askToConfirm('orders-db', 'Type it: ', person);
    person.input.write(`${typed}\n`);
    await expect(asked).rejects.toMatchObject({
      why: 'usage',
      message: expect.stringMatching(/want what is to be revoked, "orders-db". Nothing was changed/),
    });
  });

  it.each([
    { how: 'Ctrl-C', key: '\u0003' },
    { how: 'the end of the input', key: '\u0004' },
  ])('is not given by $how', async ({ key }) => {
    const person = atTerminal();
    const asked = askToConfirm('orders-db', 'Type it: ', person);
    person.input.write(key);
    await expect(asked).rejects.toMatchObject({ why: 'interrupted' });
  });

  it('is not asked for where the flag names the identity', () => {
    expect(confirmationOf('orders-db', 'orders-db', { input: new PassThrough() })).toBe('given');
  });
});
