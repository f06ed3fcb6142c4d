import { expect, it } from 'vitest';
import { parseDocument } from '../../../protocol/secret/document.ts';
import { newDocument } from '../../../protocol/secret/new-secret.ts';

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
