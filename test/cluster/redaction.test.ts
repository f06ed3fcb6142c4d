import { describe, expect, it } from 'vitest';
import { redact } from '../../cluster/redaction.ts';

describe('redact', () => {
  const secret = 'a"b\\c%d é';
  const base64 = Buffer.from(secret).toString('base64');

  it.each([
    ['as it is', secret],
    ['in base64', base64],
    ['in base64 without padding', base64.replace(/=+$/, '')],
    ['URL-escaped', encodeURIComponent(secret)],
    ['JSON-escaped', JSON.stringify(secret).slice(1, -1)],
  ])('takes a secret out that stands %s', (_, form) => {
    expect(redact(`before ${form} after ${form}`, [secret])).toBe('before [redacted] after [redacted]');
  });

  it('takes the longer of two overlapping secrets out whole', () => {
    expect(redact('user:abc', ['abc', 'user:abc'])).toBe('[redacted]');
  });

  it('leaves a text alone when a secret is empty', () => {
    expect(redact('nothing to hide', [''])).toBe('nothing to hide');
  });
});
