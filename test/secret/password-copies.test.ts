import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../secret/document.ts';

const OLD = 'Old:p@ss/word-1';
const NEW = 'New:p@ss/word-2';
const encoded = (password: string): string => encodeURIComponent(password);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

function documentWith(others: object) {
  return parseDocument(JSON.stringify({ username: 'app', password: OLD, ...others }));
}

describe('a copy of the password in another key', () => {
  it.each([
    ['the token', { MILVUS_TOKEN: `app:${OLD}` }, { MILVUS_TOKEN: `app:${NEW}` }],
    ['the password under a key such as MILVUS_PASSWORD', { MILVUS_PASSWORD: OLD }, { MILVUS_PASSWORD: NEW }],
    [
      'a URI',
      { uri: `https://app:${encoded(OLD)}@c:19530/db?x=1` },
      { uri: `https://app:${encoded(NEW)}@c:19530/db?x=1` },
    ],
    ['the token in a nested key', { a: [{ b: `app:${OLD}`, n: 1.0 }] }, { a: [{ b: `app:${NEW}`, n: 1.0 }] }],
  ])('gets the new password if it is %s', (_, others, expected) => {
    const document = documentWith(others);
    expect(document.staleKeys).toEqual([]);
    expect(JSON.parse(document.withPassword(NEW))).toEqual({
      username: 'app',
      password: NEW,
      ...expected,
      token: `app:${NEW}`,
    });
  });

  it.each([
    ['the token in another text', { header: `Bearer app:${OLD}` }, ['header']],
    ['the token in base64', { basic: base64(`app:${OLD}`) }, ['basic']],
    ['the password in base64', { basic: `x ${base64(OLD)}` }, ['basic']],
    ['the password under a key such as database', { database: OLD }, ['database']],
    ['the password in a query', { a: { uri: `https://c?p=${encoded(OLD)}` } }, ['a.uri']],
    ['a URI that contains the password twice', { uri: `https://app:${encoded(OLD)}@c/${encoded(OLD)}` }, ['uri']],
    ['a URI of another user', { uris: [`https://b:${encoded(OLD)}@c`] }, ['uris.0']],
  ])('is a stale key if it is %s', (_, others, keys) => {
    expect(documentWith(others).staleKeys).toEqual(keys);
  });

  it('is not assumed for a text that contains a short password by chance', () => {
    const text = JSON.stringify({ username: 'app', password: 'Milvus', note: 'Milvus cluster', database: 'Milvus' });
    expect(parseDocument(text).staleKeys).toEqual([]);
    expect(JSON.parse(parseDocument(text).withPassword('Other-1'))).toMatchObject({ note: 'Milvus cluster' });
  });

  it('is never assumed in endpoint and username', () => {
    const document = parseDocument(
      '{"endpoint":"https://password-1.example","username":"app","password":"password-1"}',
    );
    expect(document.staleKeys).toEqual([]);
  });
});
