import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact, searchFor } from '../../protocol/secret/redaction.ts';
import { formsOf, leakedForms } from '../support/password-forms.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const base64url = (text: string): string => Buffer.from(text).toString('base64url');
const hex = (text: string): string => Buffer.from(text).toString('hex');
const eachByte = (text: string, encode: (byte: number) => string): string =>
  [...Buffer.from(text)].map(encode).join('');

const SECRET = 'a"b\\c%d+é<>&?\t😀';

describe('redact', () => {
  it.each([
    ['as it is', SECRET],
    ['in base64', base64(SECRET)],
    ['in base64 without padding', base64(SECRET).replace(/=+$/, '')],
    ['in base64url', base64url(SECRET)],
    ['in base64, URL-escaped', encodeURIComponent(base64(SECRET))],
    ['in base64 of base64', base64(`Basic ${base64(`user:${SECRET}`)}`)],
    ['in base64 of base64 of base64', base64(base64(base64(SECRET)))],
    ['in base64 of JSON', base64(JSON.stringify({ user: SECRET }))],
    ['in base64 of a URL', base64(`https://user:${encodeURIComponent(SECRET)}@host`)],
    ['in base64 of HTML in a URL', base64('a%26quot%3Bb\\c%25d%2B%C3%A9%3C%3E%26%3F%09%F0%9F%98%80')],
    ['in hex', hex(SECRET)],
    ['in upper-case hex', hex(SECRET).toUpperCase()],
    ['in hex with colons', hex(SECRET).replace(/..(?=.)/g, '$&:')],
    ['in hex with \\x', eachByte(SECRET, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`)],
    ['in hex of hex', hex(hex(SECRET))],
    ['URL-escaped', encodeURIComponent(SECRET)],
    ['URL-escaped in lower case', encodeURIComponent(SECRET).toLowerCase()],
    ['URL-escaped twice', encodeURIComponent(encodeURIComponent(SECRET))],
    ['URL-escaped three times', encodeURIComponent(encodeURIComponent(encodeURIComponent(SECRET)))],
    ['escaped for a form', new URLSearchParams({ s: SECRET }).toString().slice(2)],
    ['HTML-escaped by name', 'a&quot;b&bsol;c&percnt;d&plus;é&lt;&gt;&amp;&quest;&#9;😀'],
    ['HTML-escaped by number', 'a&#34;b&#092;c&#x25;d&#x2B;&#xE9;&#X3c;&#0062;&#x00026;&#63;&#9;&#x1F600;'],
    ['HTML-escaped in a URL', encodeURIComponent('a&QUOT;b\\c%d&#43;é&lt;&gt;&amp;?&#9;😀')],
    ['in octal escapes', eachByte(SECRET, (byte) => `\\${byte.toString(8)}`)],
    ['in Unicode escapes', '\\u0061\\"b\\u005Cc%d\\u002b\\u00E9\\u003c>&?\\t\\ud83d\\uDE00'],
  ])('removes a secret %s, and leaves the rest of the text', (_, form) => {
    expect(redact(`before ${form} after <${form}>`, [SECRET])).toMatch(
      /^before \[redacted\] after (<\[redacted\]>|\[redacted\])$/,
    );
  });

  it.each([
    ['JSON-escaped', JSON.stringify(SECRET)],
    ['JSON-escaped in JSON', JSON.stringify(JSON.stringify({ user: SECRET }))],
    ['escaped by Go', '"a\\"b\\\\c%d+é\\u003c\\u003e\\u0026?\\t😀"'],
    ['with a backslash before each sign', 'a\\"b\\\\c\\%d\\+é\\<\\>\\&\\?\t😀'],
    ['URL-escaped and then unescaped by gRPC', decodeURI(encodeURIComponent(SECRET))],
    ['in hex with spaces', hex(SECRET).replace(/../g, '$& ')],
    ['as bytes of C', eachByte(SECRET, (byte) => `0x${byte.toString(16).padStart(2, '0')}, `)],
    ['in base64 with line breaks', base64(SECRET).replace(/.{8}/g, '$&\r\n')],
  ])('removes a secret %s', (_, form) => {
    const clean = redact(`before ${form} after`, [SECRET]);
    expect(clean).toContain('[redacted');
    expect(searchFor([SECRET])(clean)).toBe(false);
  });

  it('removes the whole text if no part of the text holds the whole secret', () => {
    expect(redact('before YWJj ZGVm after', ['abcdef'])).toBe('[redacted: the answer holds a secret]');
    expect(redact('before 61 62 63 after', ['abc'])).toBe('[redacted: the answer holds a secret]');
  });

  it.each(['u:', 'us:', 'use:'])('removes a password that follows %s in base64', (user) => {
    const encoded = base64(`${user}password`);
    expect(redact(`(${encoded})`, ['password'])).toBe('([redacted])');
    expect(redact(`(${encoded})`, [`${user}password`])).toBe('([redacted])');
  });

  it('removes the longer of two overlapping secrets', () => {
    expect(redact('user:abc', ['abc', 'user:abc'])).toBe('[redacted]');
  });

  it('removes a secret in upper and lower case', () => {
    expect(redact('a PASSWORD+1 b', ['Password+1'])).toBe('a [redacted] b');
  });

  it('leaves the neighbours of a secret that is not encoded', () => {
    expect(redact('xabcx$&abc', ['abc'])).toBe('x[redacted]x$&[redacted]');
  });

  it.each([
    ['nothing to hide', ''],
    ['Yes', 'a'],
    ['%61 \\u0061 0x61 0x61', 'a'],
    ['++++++', 'secret'],
    [base64(base64(base64(base64('secret')))), 'secret'],
    ['&unknown; &ast &#9999999; \\', 'secret'],
    ['a%2 b', 'a b'],
  ])('leaves %j as it is if the secret is %j', (text, secret) => {
    expect(redact(text, [secret])).toBe(text);
  });

  it.each(['a\\x2Bcde', 'a\\53cde', '\\u0061+cde', 'a%2bcde', 'a&#43;cde'])(
    'removes the secret a+cde that is partly escaped in %s',
    (text) => {
      expect(redact(`x ${text} y`, ['a+cde'])).toBe('x [redacted] y');
    },
  );

  it('removes a secret that itself looks like an escape', () => {
    expect(redact('x a%41%2B1\\u0042 y', ['a%41+1\\u0042'])).toBe('x [redacted] y');
    expect(redact('x %2541%2541 y', ['%41%41'])).toBe('x [redacted] y');
    expect(redact('x a%2541%2B1 y', ['a%2541+1'])).toBe('x [redacted] y');
  });

  it('leaves no form of any secret in a text, whatever stands around it', () => {
    const password = fc.oneof(
      fc.string({ minLength: 6, maxLength: 72 }),
      fc.string({ unit: 'binary', minLength: 6, maxLength: 24 }),
      fc.string({ unit: fc.constantFrom('\\', '%', '"', '+', '/', '&', ';', '5', 'c', 'u', '0'), minLength: 6 }),
    );
    const rest = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(password, rest, rest, (secret, user, after) => {
        const token = `${user}:${secret}`;
        const forms = [...formsOf(secret), ...formsOf(token), base64(token + after), base64url(token + after)];
        for (const form of forms) {
          const clean = redact(`before <${form}> after`, [secret]);
          expect(leakedForms(clean, [secret])).toEqual([]);
          expect(clean).toContain('[redacted');
        }
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['one character', 'a'],
    ['escapes', '%25'],
    ['backslashes', '\\'],
    ['entities', '&#0'],
    ['unfinished names', '&a'],
    ['Unicode escapes', '\\u0041'],
    ['base64 of base64', base64(base64(base64('password')))],
    ['hex of hex', hex(hex('password'))],
    ['starts of the secret', 'Secret-'],
  ])('takes a time that grows linearly with a long row of %s', (_, unit) => {
    const text = unit.repeat(Math.ceil(100_000 / unit.length));
    // The CPU time, because other processes lengthen the time on the clock.
    const start = process.cpuUsage();
    expect(redact(text, ['Secret-1', `${unit.repeat(16)}x`])).toBe(text);
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });
});
