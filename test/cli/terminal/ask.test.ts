import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ask } from '../../../cli/terminal/ask.ts';

function terminal() {
  return { input: new PassThrough(), output: new PassThrough() };
}

describe('a question on the terminal', () => {
  it.each([
    ['y\n', undefined, 'yes'],
    ['YES\r\n', undefined, 'yes'],
    ['\n', undefined, 'no'],
    ['yep\n', undefined, 'no'],
    ['orders\n', 'orders', 'yes'],
    [' orders \r\n', 'orders', 'yes'],
    ['y\n', 'orders', 'no'],
    ['Orders\n', 'orders', 'no'],
    ['\n', 'orders', 'no'],
  ])('reads %j with the confirmation %s as %s', async (typed, confirmation, expected) => {
    const { input, output } = terminal();
    input.write(typed);

    expect(await ask('Sure?', { input, output }, new AbortController().signal, confirmation)).toBe(expected);
    expect(String(output.read())).toBe(confirmation === undefined ? 'Sure? [y/N] ' : 'Sure? ');
  });

  it('reads the end of the input as no', async () => {
    const { input, output } = terminal();
    input.end();

    expect(await ask('Sure?', { input, output }, new AbortController().signal)).toBe('no');
  });

  it('reads Ctrl-C as no', async () => {
    const interruption = new AbortController();
    const answer = ask('Sure?', terminal(), interruption.signal);
    interruption.abort();

    expect(await answer).toBe('no');
  });
});
