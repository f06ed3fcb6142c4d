import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { declaredCopies, howToDeclareCopies } from '../../../protocol/secret/copies.ts';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { formsOf } from '../../support/password-forms.ts';

const OLD = 'Old:p@ss/word+1';
const NEW = 'New:p@ss/word+2';
const TOKEN = `app:${OLD}`;
const encoded = (password: string): string => encodeURIComponent(password);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function documentWith(others: object, copies: readonly string[] = [], password = OLD) {
  return parseDocument(JSON.stringify({ username: 'app', password, ...others }), { copies });
}

function next(others: object, copies: readonly string[], password = OLD): Record<string, unknown> {
  const text = documentWith(others, copies, password).withCredential({ username: 'app_b', password: NEW });
  const { username: _username, password: _password, token: _token, ...rest } = JSON.parse(text);
  return rest;
}

describe('a declared place', () => {
  it.each<readonly [string, string, string]>([
    ['the password', OLD, NEW],
    ['the token', TOKEN, `app_b:${NEW}`],
    ['the user', 'app', 'app_b'],
    ['a header', `Bearer ${TOKEN}`, `Bearer app_b:${NEW}`],
    ['a URI', `https://app:${encoded(OLD)}@c:19530/db?x=1`, `https://app_b:${encoded(NEW)}@c:19530/db?x=1`],
    ['a URI that is not escaped', `https://app:${OLD}@c`, `https://app_b:${encoded(NEW)}@c`],
    [
      'a URI with lower-case escapes',
      `https://app:${encoded(OLD).replace(/%../g, (hex) => hex.toLowerCase())}@c`,
      `https://app_b:${encoded(NEW)}@c`,
    ],
    ['a URI with the user alone', 'http://app@app.example.com:19530', 'http://app_b@app.example.com:19530'],
    ['a query', `https://c?user=app&password=${encoded(OLD)}`, `https://c?user=app_b&password=${encoded(NEW)}`],
    ['a connection string', `host=c user=app password=${OLD}`, `host=c user=app_b password=${NEW}`],
    ['JSON in a text', JSON.stringify({ password: OLD }), JSON.stringify({ password: NEW })],
    ['a text of another system', 'https://example.com/app', 'https://example.com/app'],
  ])('gets the new credential if it is %s', (_, old, expected) => {
    for (const [others, replaced, path] of [
      [{ place: old }, { place: expected }, 'place'],
      [{ 'a.b': [{ c: old, n: 1 }] }, { 'a.b': [{ c: expected, n: 1 }] }, 'a.b.0.c'],
    ] as const) {
      expect(documentWith(others, [path]).staleCopies({ changesUser: true })).toEqual([]);
      expect(next(others, [path])).toEqual(replaced);
    }
  });

  it.each([
    ['base64', base64(TOKEN)],
    ['hex', Buffer.from(OLD).toString('hex')],
    ['JSON with escapes', JSON.stringify(JSON.stringify(`"${OLD}"`)).replaceAll('/', '\\/')],
  ])('is stale if it holds the password in %s, because a rotation would not find it', (_, value) => {
    expect(documentWith({ place: value }, ['place']).staleCopies({ changesUser: false })).toEqual(['place']);
    expect(next({ place: value }, ['place'])).toEqual({ place: value });
  });

  it('may hold a number, which stays', () => {
    expect(next({ port: 19_530 }, ['port'])).toEqual({ port: 19_530 });
  });

  it('gets the new password where the old one is short, if it is the whole value or follows the user', () => {
    const others = { a: 'short', b: 'app:short', c: 'shortage' };
    expect(next(others, ['a', 'b', 'c'], 'short')).toEqual({ a: NEW, b: `app_b:${NEW}`, c: 'shortage' });
  });

  it('is no URI because of the password', () => {
    const password = 'my://p@ss+word';
    expect(next({ place: `password=${password}` }, ['place'], password)).toEqual({ place: `password=${NEW}` });
  });

  it('is no URI because of the characters before and after the password', () => {
    expect(next({ place: `${TOKEN}//1` }, ['place'])).toEqual({ place: `app_b:${NEW}//1` });
  });

  it('may be absent', () => {
    expect(next({ other: 1 }, ['place'])).toEqual({ other: 1 });
  });

  it('keeps every other text, whatever the two passwords are', () => {
    const password = fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 64 });
    const around = fc.stringMatching(/^[{}|<>]{0,5}$/);
    fc.assert(
      fc.property(password, around, around, (secret, before, after) => {
        const text = parseDocument(JSON.stringify({ username: 'app', password: secret, x: before + secret + after }), {
          copies: ['x'],
        }).withCredential({ password: NEW });
        expect(JSON.parse(text).x).toBe(before + NEW + after);
      }),
    );
  });
});

describe('a place that is not declared', () => {
  it.each([
    ['the password', { POSTGRES_PASSWORD: OLD }, ['POSTGRES_PASSWORD']],
    ['the password under a key that names the cluster', { MILVUS_PASSWORD: OLD }, ['MILVUS_PASSWORD']],
    ['the token', { a: { b: [TOKEN] } }, ['a.b.0']],
    ['a URI of this cluster', { uri: `https://app:${encoded(OLD)}@c:19530` }, ['uri']],
    ['the password in base64', { basic: `x ${base64(OLD)}` }, ['basic']],
    ['the password in a key', { accounts: { [TOKEN]: true } }, ['accounts.[redacted]']],
  ])('is stale if it is %s, and stays as it is', (_, others, places) => {
    expect(documentWith(others).staleCopies({ changesUser: false })).toEqual(places);
    expect(next(others, [])).toEqual(others);
  });

  it('is stale in every form that a program may write', () => {
    const password = fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 64 });
    const around = fc.string({ maxLength: 8 }).map((text) => text.replace(/[\\%&]/g, ''));
    fc.assert(
      fc.property(password, around, (secret, rest) => {
        const forms = formsOf(secret).map((form) => rest + form + rest);
        expect(documentWith({ forms }, [], secret).staleCopies({ changesUser: false })).toEqual(
          forms.map((_form, index) => `forms.${index}`),
        );
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    [{ note: 'x Milvus7' }, 'Milvus7', []],
    [{ note: 'x Milvus78' }, 'Milvus78', ['note']],
    [{ note: 'Milvus7' }, 'Milvus7', ['note']],
    [{ header: base64('app:Milvus7') }, 'Milvus7', ['header']],
    [{ pin: 12345678, other: 1 }, '12345678', ['pin']],
  ])('%j: a password below eight characters may occur in another text by chance', (others, password, places) => {
    expect(documentWith(others, [], password).staleCopies({ changesUser: false })).toEqual(places);
  });

  it.each([
    [{ user: 'app', account: 'app', principal: 'app', MILVUS_USR: 'app', login: 'app' }, 5],
    [{ uri: 'http://app@c:19530', dsn: 'host=c user=app' }, 2],
    [{ database: 'app', postgres: { user: 'app', password: 'Other-password-1' }, hosts: ['app'] }, 0],
    [{ uri: 'http://app_c@c', user: 'application', dsn: 'user=app_c' }, 0],
  ])('%j: only a key at the top level that names a user repeats the user', (others, count) => {
    const document = documentWith(others);
    expect(document.staleCopies({ changesUser: false })).toEqual([]);
    expect(document.staleCopies({ changesUser: true })).toEqual(Object.keys(others).slice(0, count));
    expect(documentWith(others, Object.keys(others)).staleCopies({ changesUser: true })).toEqual([]);
    expect(next(others, [])).toEqual(others);
  });
});

it('the tag names the places, separated by spaces, and the command keeps what is declared', () => {
  expect(declaredCopies({ 'zilliz:copies': ' uri  a.0.b ' })).toEqual(['uri', 'a.0.b']);
  expect(declaredCopies({})).toEqual([]);
  expect(howToDeclareCopies({ name: 'milvus/orders', tags: { 'zilliz:copies': 'uri' } }, ['b', 'uri'])).toContain(
    `\`aws secretsmanager tag-resource --secret-id milvus/orders --tags '[{"Key":"zilliz:copies","Value":"uri b"}]'\``,
  );
});

it.each([
  ['a path with a space', {}, ['my uri'], /"my uri".*Rename/],
  ['a path that a tag refuses', {}, ["it's"], /"it's".*Rename/],
  ['paths that are too long for a tag', {}, Array.from({ length: 30 }, (_, index) => `connection.uri-${index}`), /256/],
  ['a declared path whose form is not known', { 'zilliz:copies': 'blob' }, ['blob'], /"blob".*percent-encoded/],
])('advises no tag for %s', (_, tags, paths, advice) => {
  const text = howToDeclareCopies({ name: 'orders', tags }, paths);

  expect(text).toMatch(advice);
  expect(text).not.toContain('aws secretsmanager tag-resource');
});

it('advises the tag for the paths that it can name, and to rename the others', () => {
  const text = howToDeclareCopies({ name: 'orders', tags: {} }, ['uri', 'my uri']);

  expect(text).toContain('"Value":"uri"');
  expect(text).toMatch(/Rename/);
});
