import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenOf } from '../../../protocol/secret/credential-form.ts';
import { newDocument, parseDocument } from '../../../protocol/secret/document.ts';

describe('a JSON secret', () => {
  it('has endpoint, username and password', () => {
    const text = '{"endpoint":"https://c.example","username":"app","password":"pass:word","token":"app:pass:word"}';
    expect(parseDocument(text)).toMatchObject({
      format: 'json',
      endpoint: 'https://c.example',
      username: 'app',
      password: 'pass:word',
    });
  });

  it('of a user may hold the API key of another system', () => {
    const others = '"apiKeyId":"key-1","apiKey":"of another system"';
    expect(parseDocument(`{"username":"app","password":"a",${others}}`)).toMatchObject({
      username: 'app',
      password: 'a',
    });
  });

  it('may hold a line break in the password', () => {
    expect(parseDocument('{"username":"app","password":"a\\nb"}').password).toBe('a\nb');
  });

  it.each(['{"username":"app","password":"old"}', 'app:old'])(
    'or a plain secret has the default endpoint if it names none',
    (text) => {
      expect(parseDocument(text, { endpoint: 'https://default' }).endpoint).toBe('https://default');
    },
  );

  it('may start with white space and omit endpoint and token', () => {
    expect(parseDocument(' \n{"username":"app","password":"old"}')).toMatchObject({
      format: 'json',
      endpoint: undefined,
    });
  });

  it('gets a new password and token, and keeps all other keys, their order and the form of numbers', () => {
    const text =
      '{"id":12345678901234567890,"ratio":1.0,"tiny":1e-400,"username":"app","list":[1.50,{"n":-0}],"password":"old","__proto__":{"x":1}}';
    expect(parseDocument(text).withCredential({ password: 'new' })).toBe(
      '{"id":12345678901234567890,"ratio":1.0,"tiny":1e-400,"username":"app","list":[1.50,{"n":-0}],"password":"new","__proto__":{"x":1},"token":"app:new"}',
    );
  });

  it('returns any password unchanged after it was written and read', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'binary' }).filter((password) => !/[\r\n]$/.test(password)),
        fc.jsonValue(),
        (password, note) => {
          const text = JSON.stringify({ username: 'app', password: 'old', note });
          const next = parseDocument(parseDocument(text).withCredential({ password }));
          expect(next.password).toBe(password);
          expect(JSON.parse(next.withCredential({ password: 'old' }))).toEqual(
            JSON.parse(JSON.stringify({ username: 'app', password: 'old', note, token: 'app:old' })),
          );
        },
      ),
    );
  });

  it.each([
    ['is not valid JSON', '{"username":"app","password":"Secret-1"', /not valid JSON/],
    ['has no username', '{"password":"Secret-1"}', /"username" is missing/],
    ['has an empty username', '{"username":"","password":"Secret-1"}', /"username" is not the name/],
    ['has a username with a colon', '{"username":"a:b","password":"Secret-1"}', /"username" is not the name/],
    ['has a username with a space', '{"username":"a b","password":"Secret-1"}', /"username" is not the name/],
    ['has no password', '{"username":"app"}', /"password" is missing/],
    ['has an empty password', '{"username":"app","password":""}', /"password" is not a password/],
    ['has a password that is not a text', '{"username":"app","password":12345678}', /"password" is not a password/],
    ['has a password that ends in a line feed', '{"username":"app","password":"Secret-1\\n"}', /line break/],
    ['has a password that ends in a carriage return', '{"username":"app","password":"Secret-1\\r"}', /line break/],
    [
      'has an endpoint that is not a text',
      '{"endpoint":7,"username":"app","password":"Secret-1"}',
      /"endpoint" is not a string/,
    ],
    [
      'has a token of another password',
      '{"username":"app","password":"Secret-1","token":"app:Secret-2"}',
      /the document holds two credentials/,
    ],
    [
      'has a token that is not a text',
      '{"username":"app","password":"Secret-1","token":null}',
      /the document holds two credentials/,
    ],
  ])('that %s is refused, and the message quotes no value', (_, text, message) => {
    const parse = () => parseDocument(text);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/Secret/);
  });
});

describe('a plain secret', () => {
  it('is split at the first colon', () => {
    const document = parseDocument('app:pass:word');
    expect(document).toMatchObject({ format: 'plain', endpoint: undefined, username: 'app', password: 'pass:word' });
    expect(document.withCredential({ password: 'new' })).toBe('app:new');
    expect(document.staleCopies({ changesUser: true })).toEqual([]);
  });

  it.each([
    ['an API key', 'Secret0123456789', /API key needs its id/],
    ['empty', '', /API key needs its id/],
    ['only a user', 'app:', /after the first colon is not a password/],
    ['only a password', ':Secret-1', /before the first colon is not the name/],
    ['followed by a line break', 'app:Secret-1\n', /ends in a line break/],
    ['a JSON array', '["Secret-1"]', /neither a JSON object/],
  ])('that is %s is refused, and the message quotes no value', (_, text, message) => {
    const parse = () => parseDocument(text);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/Secret[-0]/);
  });
});

it('a token is the username, a colon and the password', () => {
  expect(tokenOf({ username: 'app', password: 'pass:word' })).toBe('app:pass:word');
});

it('the value of a new secret names its cluster, its user, the password and the token of both', () => {
  const text = newDocument({ endpoint: 'https://c.example', username: 'app', password: 'Secret-1' });
  expect(parseDocument(text)).toMatchObject({
    format: 'json',
    endpoint: 'https://c.example',
    username: 'app',
    password: 'Secret-1',
  });
  expect(JSON.parse(text)).toHaveProperty('token', 'app:Secret-1');
});
