import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../cluster/redaction.ts';
import { formsOf, leakedForms } from '../support/password-forms.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

describe('redact', () => {
  const secret = 'a"b\\c%d é<>&?';

  it.each([
    ['as it is', secret],
    ['in base64', base64(secret)],
    ['in base64 without padding', base64(secret).replace(/=+$/, '')],
    ['in base64url', base64url(secret)],
    ['in base64, URL-escaped', encodeURIComponent(base64(secret))],
    ['in hex', Buffer.from(secret).toString('hex')],
    ['in upper-case hex', Buffer.from(secret).toString('hex').toUpperCase()],
    ['URL-escaped', encodeURIComponent(secret)],
    ['URL-escaped in lower case', encodeURIComponent(secret).toLowerCase()],
    ['URL-escaped and then unescaped by gRPC', decodeURI(encodeURIComponent(secret))],
    ['escaped for a form', new URLSearchParams({ s: secret }).toString().slice(2)],
    ['JSON-escaped', JSON.stringify(secret).slice(1, -1)],
    ['escaped by Go', 'a\\"b\\\\c%d é\\u003c\\u003e\\u0026?'],
    ['in Unicode escapes', '\\u0061"b\\u005Cc%d \\u00E9<>&?'],
  ])('takes a secret out that stands %s', (_, form) => {
    expect(redact(`before ${form} after ${form}`, [secret])).toBe('before [redacted] after [redacted]');
  });

  it.each([
    ['u:', 'dTpwYXNzd29yZA==', 'dT'],
    ['us:', 'dXM6cGFzc3dvcmQ=', 'dXM6'],
    ['use:', 'dXNlOnBhc3N3b3Jk', 'dXNlO'],
  ])('takes a password out that follows %s in base64', (user, encoded, left) => {
    expect(base64(`${user}password`)).toBe(encoded);
    expect(redact(`(${encoded})`, ['password'])).toBe(`(${left}[redacted])`);
    expect(redact(`(${encoded})`, [`${user}password`])).toBe('([redacted])');
  });

  it('takes the longer of two overlapping secrets out whole', () => {
    expect(redact('user:abc', ['abc', 'user:abc'])).toBe('[redacted]');
  });

  it('leaves a text alone when a secret is empty', () => {
    expect(redact('nothing to hide', [''])).toBe('nothing to hide');
  });

  it('does not mistake a word for the base64 of a short secret', () => {
    expect(redact('Yes', ['a'])).toBe('Yes');
    expect(redact('YWJj', ['abc'])).toBe('[redacted]');
  });

  it('leaves the neighbours of a secret', () => {
    expect(redact('xYWJjZGVmx', ['abcdef'])).toBe('x[redacted]x');
    expect(redact('x616263x', ['abc'])).toBe('x[redacted]x');
    expect(redact('++++++', ['secret'])).toBe('++++++');
  });

  it.each(['a', '\\', '%', ' ', 'é'])('decides within milliseconds that a row of %j is not the secret', (character) => {
    const text = character.repeat(200);
    expect(redact(text, [`${character.repeat(64)}x`])).toBe(text);
  });

  it('leaves no form of any secret in a text, whatever stands around it', () => {
    const password = fc.oneof(
      fc.string({ minLength: 6, maxLength: 72 }),
      fc.string({ unit: 'binary', minLength: 6, maxLength: 24 }),
      fc.string({ unit: fc.constantFrom('\\', '%', '"', '+', '/', '5', 'c', 'u', '0'), minLength: 6, maxLength: 24 }),
    );
    fc.assert(
      fc.property(password, fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (secret, user, rest) => {
        const token = `${user}:${secret}`;
        const forms = [...formsOf(secret), ...formsOf(token), base64(`${token}${rest}`), base64url(`${token}${rest}`)];
        const clean = redact(forms.map((form) => `<${form}>`).join('\n'), [secret]);
        expect(leakedForms(clean, [secret])).toEqual([]);
      }),
      { numRuns: 100 },
    );
  }, 30_000);
});
