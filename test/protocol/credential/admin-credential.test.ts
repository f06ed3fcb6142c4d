import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import { readAdminCredential } from '../../../protocol/credential/admin-credential.ts';

const RULES = { allowed: ['c', 'd'], allowPlaintext: false };
const ENDPOINT = parseEndpoint('https://c', RULES);
const read = (text: string) => readAdminCredential(text, ENDPOINT, RULES);

describe('an admin credential', () => {
  it.each([
    ['an API key', '{"apiKey":"k","endpoint":"https://c"}', 'k', undefined],
    ['a cluster credential', '{"endpoint":"https://c:443","username":"root","password":"p:w"}', 'root:p:w', 'root'],
  ])('may be %s with its endpoint', (_, text, token, username) => {
    expect(read(text)).toEqual({ kind: 'usable', admin: { endpoint: ENDPOINT, token }, username });
  });

  it.each([
    ['an empty API key', '{"apiKey":""}', /"apiKey" is not an API key/],
    ['an API key with a colon', '{"apiKey":"Secret:1"}', /"apiKey" is not an API key/],
    ['an API key with a space', '{"apiKey":"Secret 1"}', /"apiKey" is not an API key/],
    ['a credential without a password', '{"username":"Secret"}', /"password" is missing/],
    ['a credential that ends in a line break', 'root:Secret\n', /ends in a line break/],
    ['invalid JSON', '{"apiKey":"Secret', /not valid JSON/],
    ['empty', '', /neither a JSON object/],
    ['JSON null', ' null', /neither a JSON object/],
    ['a plain credential, which names no endpoint', 'root:Secret', /names no endpoint/],
    ['a plain API key, which names no endpoint', 'Secret0123456789', /names no endpoint/],
    ['a JSON credential without an endpoint', '{"username":"root","password":"Secret"}', /names no endpoint/],
    ['an API key with an endpoint that is not a text', '{"apiKey":"Secret","endpoint":7}', /names no endpoint/],
    ['for another cluster', '{"apiKey":"Secret","endpoint":"https://d"}', /It is for https:\/\/d:443/],
    ['for a host that is not allowed', '{"apiKey":"Secret","endpoint":"https://e"}', /e is not an allowed endpoint/],
  ])('cannot be %s', (_, text, message) => {
    const credential = read(text);
    expect(credential).toEqual({ kind: 'unusable', problem: expect.stringMatching(message) });
    expect(JSON.stringify(credential)).not.toContain('Secret');
  });

  it('throws an error of the program itself', () => {
    const broken = {
      ...RULES,
      get allowed(): string[] {
        throw new TypeError('a defect');
      },
    };
    expect(() => readAdminCredential('{"apiKey":"k","endpoint":"https://c"}', ENDPOINT, broken)).toThrow('a defect');
  });
});
