import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ask } from '../../../cli/terminal/ask.ts';

function terminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  return { input, output };
}

describe('a question on the terminal', () => {
  it.each([
    ['y\n', 'yes'],
    ['YES\r\n', 'yes'],
    ['\n', 'no'],
    ['yep\n', 'no'],
  ])('reads %j as %s', async (typed, expected) => {
    const { input, output } = terminal();
    input.write(typed);

    expect(await ask('Sure?', { input, output }, new AbortController().signal)).toBe(expected);
    expect(String(output.read())).toBe('Sure? [y/N] ');
  });

  it.each([
    ['orders\n', 'yes'],
    [' orders \r\n', 'yes'],
    ['y\n', 'no'],
    ['Orders\n', 'no'],
    ['\n', 'no'],
  ])('with a confirmation of its own, reads %j as %s', async (typed, expected) => {
    const { input, output } = terminal();
    input.write(typed);

    expect(await ask('Type orders:', { input, output }, new AbortController().signal, 'orders')).toBe(expected);
    expect(String(output.read())).toBe('Type orders: ');
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
