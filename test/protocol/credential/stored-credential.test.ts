import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../protocol/cluster/endpoint.ts';
import {
  type EndpointOptions,
  readStoredCredential,
  reasonToSkip,
} from '../../../protocol/credential/stored-credential.ts';

const OPTIONS = {
  rules: { allowed: ['.zillizcloud.com'], allowPlaintext: false },
  configured: 'https://configured.zillizcloud.com',
  howToConfigure: 'give --endpoint',
};
const TAG = { 'zilliz:endpoint': 'https://tagged.zillizcloud.com' };

function read(text: string | undefined, tags = {}, options: EndpointOptions = OPTIONS) {
  return readStoredCredential({ versionId: 'v1', text, tags }, options);
}

function hostOf(text: string, tags = {}): string | undefined {
  const stored = read(text, tags);
  return stored.kind === 'usable' ? stored.credentials.endpoint.host : undefined;
}

const JSON_WITH_ENDPOINT =
  '{"endpoint":"https://named.zillizcloud.com","username":"u","password":"Secret-1","note":1.0}';

describe('the endpoint of a stored credential', () => {
  it('comes from the document, otherwise from the tag, otherwise from the configuration', () => {
    expect(hostOf(JSON_WITH_ENDPOINT, TAG)).toBe('named.zillizcloud.com');
    expect(hostOf('u:Secret-1', TAG)).toBe('tagged.zillizcloud.com');
    expect(hostOf('u:Secret-1')).toBe('configured.zillizcloud.com');
  });

  it('is missing if no source names an endpoint, and the problem says how to add it', () => {
    expect(read('u:Secret-1', {}, { ...OPTIONS, configured: undefined })).toEqual({
      kind: 'unusable',
      reason: 'endpoint',
      problem: expect.stringMatching(/"endpoint".*zilliz:endpoint.*give --endpoint/),
    });
  });

  it('must be allowed, even if it comes from the tag', () => {
    const stored = read('u:Secret-1', { 'zilliz:endpoint': 'https://elsewhere.example' });
    expect(stored).toMatchObject({ kind: 'unusable', reason: 'endpoint' });
    expect(JSON.stringify(stored)).not.toContain('Secret-1');
  });
});

describe('a version', () => {
  const expected = {
    endpoint: parseEndpoint(OPTIONS.configured, OPTIONS.rules),
    username: 'u',
    password: 'Secret-1',
  };

  it('may be tried if it names the same user at the same endpoint, with any password', () => {
    expect(reasonToSkip(read('u:Other-secret-2'), expected)).toBeUndefined();
  });

  it.each([
    ['without a value', undefined, 'unreadable'],
    ['that is not a credential', 'no colon', 'not a credential'],
    ['of another user', 'v:Secret-1', 'other host or user'],
    ['at another allowed host', JSON_WITH_ENDPOINT, 'other host or user'],
    ['at a host that is not allowed', JSON_WITH_ENDPOINT.replace('zillizcloud', 'example'), 'other host or user'],
  ] as const)('%s is not tried', (_, text, reason) => {
    expect(reasonToSkip(read(text), expected)).toBe(reason);
  });

  it('without a value is unusable', () => {
    expect(read(undefined)).toMatchObject({ kind: 'unusable', reason: 'no-value' });
  });

  it('with an error of the program itself is no unusable version', () => {
    const rules = {
      ...OPTIONS.rules,
      get allowed(): string[] {
        throw new TypeError('a defect');
      },
    };
    expect(() => read('u:Secret-1', {}, { ...OPTIONS, rules })).toThrow('a defect');
  });

  it('that AWS denies is not tried', () => {
    const denied = { kind: 'unusable', reason: 'denied', problem: 'no permission' } as const;
    expect(reasonToSkip(denied, expected)).toBe('denied');
  });

  it('keeps every other key when it gets another password', () => {
    const stored = read(JSON_WITH_ENDPOINT);
    expect(stored.kind === 'usable' && stored.withCredential({ password: 'New-1' })).toBe(
      '{"endpoint":"https://named.zillizcloud.com","username":"u","password":"New-1","note":1.0,"token":"u:New-1"}',
    );
  });
});
