import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { formsOf } from '../../support/password-forms.ts';

const ENDPOINT = 'https://c:19530';
const OLD = 'Old:p@ss/word+1';
const NEW = 'New:p@ss/word+2';
const TOKEN = `app:${OLD}`;
const encoded = (password: string): string => encodeURIComponent(password);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function documentWith(others: object, password = OLD, endpoint = ENDPOINT) {
  return parseDocument(JSON.stringify({ username: 'app', password, ...others }), endpoint);
}

describe('a copy of the password in another key', () => {
  const inKey = (key: string) => [`the password in ${key}`, { [key]: OLD }, { [key]: NEW }] as const;

  it.each<readonly [string, object, object]>([
    ['the token', { MILVUS_TOKEN: TOKEN }, { MILVUS_TOKEN: `app:${NEW}` }],
    ['the token in a nested key', { a: [{ b: TOKEN, n: 1.0 }] }, { a: [{ b: `app:${NEW}`, n: 1.0 }] }],
    inKey('MILVUS_PASSWORD'),
    inKey('zillizPassword'),
    inKey('milvus-pwd'),
    inKey('milvus.passwd'),
    inKey('MILVUS_USER_PASS'),
    inKey('ZILLIZ_CLOUD_PASSWORD'),
    ['the password of a nested object', { milvus: { password: OLD } }, { milvus: { password: NEW } }],
    ['the password in a list', { milvusPassword: [1, OLD] }, { milvusPassword: [1, NEW] }],
    ['the password in a nested key', { 'app.env': { MILVUS_PASSWORD: OLD } }, { 'app.env': { MILVUS_PASSWORD: NEW } }],
  ])('gets the new password if it is %s', (_, others, expected) => {
    const document = documentWith(others);
    expect(document.staleKeys).toEqual([]);
    expect(JSON.parse(document.withCredential({ password: NEW }))).toEqual({
      username: 'app',
      password: NEW,
      ...expected,
      token: `app:${NEW}`,
    });
  });

  it.each([
    ['https://', '@c:19530/db?x=1'],
    ['http://', '@c:19530'],
    ['tcp://', '@C'],
    ['grpc://', '@c?x=@:'],
    ['grpcs://', '@c#x'],
    ['milvus://', '@c/\n'],
    ['zilliz://', '@c:19530'],
    ['HTTPS://', '@c:443', 'https://c'],
    ['https://', '@[::1]:19530', 'http://[::1]:19530'],
    ['https://', '@[fe80::A]', 'HTTP://[FE80::a]:19530/'],
  ])('gets the new password if it is the URI %sapp:…%s', (start, end, endpoint = ENDPOINT) => {
    for (const password of [encoded(OLD), encoded(OLD).toLowerCase().replace('old', 'Old')]) {
      const document = documentWith({ uri: `${start}app:${password}${end}` }, OLD, endpoint);
      expect(document.staleKeys).toEqual([]);
      expect(JSON.parse(document.withCredential({ password: NEW }))).toMatchObject({
        uri: `${start}app:${encoded(NEW)}${end}`,
      });
    }
  });

  it.each([
    ['another host', '@d:19530'],
    ['a longer host', '@c.example:19530'],
    ['a longer name', '@cc'],
    ['another port', '@c:9091'],
    ['a port that is no number', '@c:x'],
    ['a second host', `@c:19530,app:${encoded(OLD)}@c`],
    ['the password in its path', `@c/${encoded(OLD)}`],
  ])('is a stale key if it is a URI with %s', (_, end) => {
    const document = documentWith({ uri: `https://app:${encoded(OLD)}${end}` });
    expect(document.staleKeys).toEqual(['uri']);
    expect(JSON.parse(document.withCredential({ password: NEW }))).toMatchObject({
      uri: `https://app:${encoded(OLD)}${end}`,
    });
  });

  it.each([
    ['the database of another system on the same host', `postgres://app:${encoded(OLD)}@c/db`],
    ['another user', `https://b:${encoded(OLD)}@c`],
    ['a password that is not escaped', `https://app:${OLD}@c`],
    ['a wrong escape', `https://app:${encoded(OLD)}%@c`],
    ['a longer password', `https://app:${encoded(OLD)}x@c`],
    ['a text before it', ` https://app:${encoded(OLD)}@c`],
    ['the password as its host', `https://${encoded(OLD)}`],
  ])('is a stale key if it is a URI with %s', (_, uri) => {
    expect(documentWith({ uri }).staleKeys).toEqual(['uri']);
  });

  it('is a stale key if it is a URI and no endpoint is known', () => {
    const uri = `https://app:${encoded(OLD)}@c`;
    expect(parseDocument(JSON.stringify({ username: 'app', password: OLD, uri })).staleKeys).toEqual(['uri']);
    expect(documentWith({ uri }, OLD, 'c:19530').staleKeys).toEqual(['uri']);
  });

  it('is compared with the endpoint of the document, if the document names an endpoint', () => {
    const text = JSON.stringify({ endpoint: 'https://d', username: 'app', password: OLD, uri: `tcp://${TOKEN}@c` });
    expect(parseDocument(text, ENDPOINT).staleKeys).toEqual(['uri']);
  });

  it.each([
    ['the token in another text', { header: `Bearer ${TOKEN}` }, ['header']],
    ['the token in base64', { basic: base64(TOKEN) }, ['basic']],
    ['base64 of a longer text', { config: base64(`{"user":"app","password":${JSON.stringify(OLD)}}`) }, ['config']],
    ['base64url of a longer text', { config: Buffer.from(`??>${TOKEN}`).toString('base64url') }, ['config']],
    ['the password in base64', { basic: `x ${base64(OLD)}` }, ['basic']],
    ['the password in hex', { hex: Buffer.from(OLD).toString('hex') }, ['hex']],
    ['partly URL-escaped', { query: 'Old:p@ss/word%2b1' }, ['query']],
    ['JSON in a text', { json: JSON.stringify(JSON.stringify({ 'a"': OLD })) }, ['json']],
    ['the password in a query', { a: { uri: `https://c?p=${encoded(OLD)}` } }, ['a.uri']],
    ['the password in a list', { uris: ['', [1, `x${TOKEN}`]] }, ['uris.1.1']],
    ['the password in a key', { accounts: { [TOKEN]: true } }, ['accounts.[redacted]']],
    ['the password under a key with dots', { 'a.b': OLD }, ['a.b']],
  ])('is a stale key if it is %s', (_, others, keys) => {
    const document = documentWith(others);
    expect(document.staleKeys).toEqual(keys);
    expect(JSON.parse(document.withCredential({ password: NEW }))).toMatchObject(others);
  });

  it.each([
    'database',
    'password2',
    'POSTGRES_PASSWORD',
    'postgres_milvus_password',
    'MILVUS_ROOT_PASSWORD',
    'MILVUS_PASSWORD_OF_POSTGRES',
    'milvus',
    'pass.x',
  ])('is a stale key if it is the password under %s, because another system may use it', (key) => {
    const document = documentWith({ [key]: OLD });
    expect(document.staleKeys).toEqual([key]);
    expect(JSON.parse(document.withCredential({ password: NEW }))).toMatchObject({ [key]: OLD });
  });

  it('is a stale key in every form that a program may write', () => {
    const password = fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 64 });
    const around = fc.string({ maxLength: 8 }).map((text) => text.replace(/[\\%&]/g, ''));
    fc.assert(
      fc.property(password, around, (secret, rest) => {
        const forms = formsOf(secret).map((form) => rest + form + rest);
        expect(documentWith({ forms }, secret).staleKeys).toEqual(forms.map((_form, index) => `forms.${index}`));
      }),
      { numRuns: 50 },
    );
  });

  it('is a stale key in JSON on three levels', () => {
    const password = 'a"b\\c-123';
    const json = JSON.stringify(JSON.stringify(JSON.stringify(password)));
    expect(documentWith({ json }, password).staleKeys).toEqual(['json']);
  });

  it('is never assumed in endpoint and username', () => {
    const document = parseDocument(
      '{"endpoint":"https://password-1.example","username":"app","password":"password-1"}',
    );
    expect(document.staleKeys).toEqual([]);
  });
});

describe('a password of fewer than eight characters', () => {
  it.each([
    { note: 'Milvus cluster', database: 'Milvus', uri: 'https://milvus:19530', list: ['Milvus'] },
    { milvus: { 'Milvus-host': true }, hosts: ['milvus'] },
    { owner: 'Milvus-team', basic: base64('Milvus'), postgres: 'postgres://pg:Milvus@d', n: 1, none: null },
  ])('may occur in another text by chance', (others) => {
    const document = documentWith(others, 'Milvus');
    expect(document.staleKeys).toEqual([]);
    expect(JSON.parse(document.withCredential({ password: 'Other-1' }))).toMatchObject(others);
  });

  it.each([
    { header: 'Bearer app:Milvus' },
    { header: base64('app:Milvus') },
    { uri: 'https://app:Milvus@d' },
    { POSTGRES_PASSWORD: 'Milvus' },
    { 'pass.x': 'Milvus' },
    { pwd: [{ x: 1 }, 'Milvus'] },
    { client_secret: base64('Milvus') },
    { a: { passphrase: 'x Milvus' } },
  ])('is recognised with its user or under a key that is named like a password: %j', (others) => {
    expect(documentWith(others, 'Milvus').staleKeys).toHaveLength(1);
  });

  it('is not recognised below such a key, in a key with another name', () => {
    expect(documentWith({ password_policy: { owner: 'Milvus-team' } }, 'Milvus').staleKeys).toEqual([]);
  });

  it('gets the new password in an exact copy', () => {
    const document = documentWith({ MILVUS_PASSWORD: 'Milvus', uri: 'tcp://app:Milvus@c' }, 'Milvus');
    expect(document.staleKeys).toEqual([]);
    expect(JSON.parse(document.withCredential({ password: 'Other-1' }))).toMatchObject({
      MILVUS_PASSWORD: 'Other-1',
      uri: 'tcp://app:Other-1@c',
    });
  });

  it('may occur in the host of a URI that gets the new password', () => {
    const document = documentWith({ uri: 'tcp://app:Milvus@milvus.d' }, 'Milvus', 'https://milvus.d');
    expect(document.staleKeys).toEqual([]);
    expect(JSON.parse(document.withCredential({ password: 'Other-1' }))).toMatchObject({
      uri: 'tcp://app:Other-1@milvus.d',
    });
  });

  it('has eight characters or more otherwise', () => {
    expect(documentWith({ note: 'x Milvus7' }, 'Milvus7').staleKeys).toEqual([]);
    expect(documentWith({ note: 'x Milvus78' }, 'Milvus78').staleKeys).toEqual(['note']);
  });
});

it('a number that contains the password is a stale key, because a program may read it as the password', () => {
  expect(documentWith({ pin: 12345678, other: 1 }, '12345678').staleKeys).toEqual(['pin']);
});
