import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../cluster/endpoint.ts';
import { readAdminCredential } from '../../credential/admin-credential.ts';

const RULES = { allowed: ['c', 'd'], allowPlaintext: false };
const ENDPOINT = parseEndpoint('https://c', RULES);
const read = (text: string) => readAdminCredential(text, ENDPOINT, RULES);

describe('an admin credential', () => {
  it.each([
    ['a plain user:password', 'root:pass:word', 'root:pass:word'],
    ['an API key alone', 'abcdef0123456789', 'abcdef0123456789'],
    ['a JSON API key', '{"apiKey":"abcdef"}', 'abcdef'],
    ['a JSON API key of the same cluster', '{"apiKey":"k","endpoint":"https://c"}', 'k'],
    ['a JSON credential', '{"endpoint":"https://c","username":"root","password":"pw"}', 'root:pw'],
    ['an API key with an endpoint that is no text', '{"apiKey":"k","endpoint":7}', 'k'],
  ])('may be %s', (_, text, token) => {
    expect(read(text)).toEqual({ kind: 'usable', admin: { endpoint: ENDPOINT, token } });
  });

  it.each([
    ['an empty API key', '{"apiKey":""}', /"apiKey" is not an API key/],
    ['an API key with a colon', '{"apiKey":"Secret:1"}', /"apiKey" is not an API key/],
    ['an API key with a space', '{"apiKey":"Secret 1"}', /"apiKey" is not an API key/],
    ['a credential without a password', '{"username":"Secret"}', /"password" is not a password/],
    ['a credential that ends in a line break', 'root:Secret\n', /ends in a line break/],
    ['broken JSON', '{"apiKey":"Secret', /not valid JSON/],
    ['nothing', '', /neither a JSON object/],
    ['for another cluster', '{"apiKey":"Secret","endpoint":"https://d"}', /It is for https:\/\/d:443/],
    ['for a host that is not allowed', '{"apiKey":"Secret","endpoint":"https://e"}', /e is not an allowed endpoint/],
  ])('is not %s', (_, text, message) => {
    const credential = read(text);
    expect(credential).toEqual({ kind: 'unusable', problem: expect.stringMatching(message) });
    expect(JSON.stringify(credential)).not.toContain('Secret');
  });
});
