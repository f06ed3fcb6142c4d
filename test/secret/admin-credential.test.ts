import { describe, expect, it } from 'vitest';
import { parseAdminCredential } from '../../secret/admin-credential.ts';

describe('an admin credential', () => {
  it.each([
    ['a plain user:password', 'root:pass:word', { token: 'root:pass:word', endpoint: undefined }],
    ['an API key alone', 'abcdef0123456789', { token: 'abcdef0123456789', endpoint: undefined }],
    ['a JSON API key', '{"apiKey":"abcdef"}', { token: 'abcdef', endpoint: undefined }],
    ['a JSON API key of one cluster', '{"apiKey":"k","endpoint":"https://c"}', { token: 'k', endpoint: 'https://c' }],
    [
      'a JSON credential',
      '{"endpoint":"https://c","username":"root","password":"pw"}',
      { token: 'root:pw', endpoint: 'https://c' },
    ],
    ['an API key with an endpoint that is no text', '{"apiKey":"k","endpoint":7}', { token: 'k', endpoint: undefined }],
  ])('may be %s', (_, text, expected) => {
    expect(parseAdminCredential(text)).toEqual(expected);
  });

  it.each([
    ['an empty API key', '{"apiKey":""}', /"apiKey" is not an API key/],
    ['an API key with a colon', '{"apiKey":"Secret:1"}', /"apiKey" is not an API key/],
    ['an API key with a space', '{"apiKey":"Secret 1"}', /"apiKey" is not an API key/],
    ['a credential without a password', '{"username":"Secret"}', /"password" is not a password/],
    ['a credential that ends in a line break', 'root:Secret\n', /ends in a line break/],
    ['broken JSON', '{"apiKey":"Secret', /not valid JSON/],
    ['nothing', '', /neither a JSON object/],
  ])('is not %s', (_, text, message) => {
    const parse = () => parseAdminCredential(text);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/Secret/);
  });
});
