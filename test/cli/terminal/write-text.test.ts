import { Writable } from 'node:stream';
import { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { paragraph } from '../../../cli/terminal/text.ts';
import { writeText } from '../../../cli/terminal/write-text.ts';

const TEXT = paragraph('orders: rotation failed (NONE_IN_FORCE)', [
  [
    'problem',
    'The cluster rejects every stored password of app at https://in01-0123456789abcdef.aws-us-west-2.vectordb.zillizcloud.com:19530. Somebody changed it.',
  ],
  ['', 'Run the command on a machine that reaches the cluster, and change nothing before that.'],
]);

function write(text: string, terminal: { isTTY?: boolean; columns?: number }): string {
  let written = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      written += chunk;
      done();
    },
  });
  writeText(Object.assign(stream, { getColorDepth: WriteStream.prototype.getColorDepth, ...terminal }), text);
  return written;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the text of a result', () => {
  it('is written unchanged into a pipe', () => {
    expect(write(TEXT, {})).toBe(TEXT);
  });

  it('breaks between words at the width of the terminal, and indents what follows', () => {
    const lines = stripVTControlCharacters(write(TEXT, { isTTY: true, columns: 80 })).split('\n');

    expect(lines.filter((line) => line.length > 80 && !line.includes('https://'))).toEqual([]);
    expect(lines[1]).toBe('  problem    The cluster rejects every stored password of app at');
    expect(lines[2]).toBe(
      `${' '.repeat(13)}https://in01-0123456789abcdef.aws-us-west-2.vectordb.zillizcloud.com:19530.`,
    );
    expect(lines.at(-2)).toMatch(/^ {13}\S/);
    expect(lines.join(' ').replace(/ +/g, ' ')).toBe(TEXT.replace(/\s+/g, ' '));
  });

  it('puts each advised command alone on its line, unwrapped, so that it can be pasted', () => {
    const command = `aws lambda add-permission --function-name arn:aws:lambda:us-east-1:000000000000:function:zilliz-rotation --source-account 000000000000`;
    const advice = `Write \`name\` first. Allow it with \`${command}\`. Then run \`zilliz-rotation rotate orders\`, and look.`;
    const text = paragraph('orders', [['advice', advice]]);

    const lines = stripVTControlCharacters(write(text, { isTTY: true, columns: 60 })).split('\n');

    expect(lines.map((line) => line.trim())).toContain(command);
    expect(lines.map((line) => line.trim())).toContain('zilliz-rotation rotate orders');
    expect(lines.join('\n')).toContain('Write `name` first.');
    expect(lines.filter((line) => line.length > 60).map((line) => line.trim())).toEqual([command]);
    expect(write(text, {})).toBe(text);
  });

  it('colours a problem on a terminal, unless NO_COLOR is set', () => {
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('FORCE_COLOR', undefined);
    vi.stubEnv('NODE_DISABLE_COLORS', undefined);
    vi.stubEnv('CI', undefined);
    vi.stubEnv('TERM', 'xterm-256color');
    expect(write(TEXT, { isTTY: true, columns: 80 })).toContain('\u001b[31m');

    vi.stubEnv('NO_COLOR', '1');
    expect(write(TEXT, { isTTY: true, columns: 80 })).not.toContain('\u001b');
  });
});
