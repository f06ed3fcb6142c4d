import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { ask, createPasswordReader } from '../../cli/terminal/ask.ts';

function reader({ isTTY }: { isTTY: boolean }) {
  const input = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined });
  const output = new PassThrough();
  const interruption = new AbortController();
  const interrupt = vi.fn(() => interruption.abort());
  const read = createPasswordReader(input, output, { interrupt, interrupted: interruption.signal });
  return { input, output, interruption, interrupt, read };
}

describe('a question on the terminal', () => {
  it('is a no at Ctrl-C', async () => {
    const { input, interrupt, read } = reader({ isTTY: true });
    const answer = ask('Sure?', read);
    input.write('y\u0003');

    expect(await answer).toBe('no');
    expect(interrupt).toHaveBeenCalledOnce();
  });

  it.each([
    ['y\n', 'yes'],
    ['YES\r\n', 'yes'],
    ['\n', 'no'],
    ['yep\n', 'no'],
  ])('reads %j as %s', async (typed, expected) => {
    const { input, output, read } = reader({ isTTY: true });
    const answer = ask('Sure?', read);
    input.write(typed);

    expect(await answer).toBe(expected);
    expect(String(output.read())).toContain('Sure? [y/N] ');
  });

  it('reads the end of the input as no', async () => {
    const { input, read } = reader({ isTTY: true });
    input.end();

    expect(await ask('Sure?', read)).toBe('no');
  });
});

describe('a password in a pipe', () => {
  it('is one line for each question, and the question is not printed', async () => {
    const { input, output, read } = reader({ isTTY: false });
    input.end('first\r\nsec:ond \n');

    expect([await read('A: '), await read('B: '), await read('C: ')]).toEqual(['first', 'sec:ond ', undefined]);
    expect(output.read()).toBeNull();
  });

  it('may come without a line break', async () => {
    const { input, read } = reader({ isTTY: false });
    input.end('only');

    expect(await read('A: ')).toBe('only');
  });

  it('is not waited for after Ctrl-C', async () => {
    const { interruption, read } = reader({ isTTY: false });
    const answer = read('A: ');
    interruption.abort();

    expect(await answer).toBeUndefined();
  });
});

describe('a password on a terminal', () => {
  it('is asked for again at the next question', async () => {
    const { input, read } = reader({ isTTY: true });
    const first = read('A: ');
    input.write('one\r');
    expect(await first).toBe('one');
    const second = read('B: ');
    input.write('two\r');

    expect(await second).toBe('two');
  });

  it.each([
    ['Ctrl-D', '\u0004', 0],
    ['Ctrl-C, which interrupts the command', 'half\u0003', 1],
  ])('is not given by %s', async (_, typed, interruptions) => {
    const { input, interrupt, read } = reader({ isTTY: true });
    const answer = read('A: ');
    input.write(typed);

    expect(await answer).toBeUndefined();
    expect(interrupt).toHaveBeenCalledTimes(interruptions);
  });
});
