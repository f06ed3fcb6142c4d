import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../protocol/rotation/function-config.ts';

describe('readConfig', () => {
  it('has a default for every variable, for Zilliz Cloud over TLS', () => {
    expect(readConfig({})).toEqual({
      endpointRules: { allowed: ['.zillizcloud.com', '.zilliz.com.cn'], allowPlaintext: false },
      defaultEndpoint: undefined,
      rotatedSecrets: undefined,
      pins: {},
      transport: 'grpc',
      privateCa: undefined,
      passwordPolicy: { length: 40, excludeCharacters: '' },
      adminSecretArn: undefined,
      managerSecretArn: undefined,
      controlPlane: { url: 'https://api.cloud.zilliz.com', path: 'api-keys', successCodes: [0, 200] },
      clusterTimeoutMs: 5000,
      propagationMs: 10_000,
      minimumGapMs: 7_200_000,
      rotatedEvents: false,
    });
  });

  it('reads an empty ROTATED_SECRETS as a list without secrets', () => {
    expect(readConfig({ ROTATED_SECRETS: '' }).rotatedSecrets).toEqual([]);
  });

  it('reads every variable', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    expect(
      readConfig({
        ALLOWED_ENDPOINTS: ' .example.com, milvus.internal ,',
        ALLOW_PLAINTEXT: 'true',
        CLUSTER_ENDPOINT: 'https://milvus.internal',
        ROTATED_SECRETS: 'orders-??????,milvus/*',
        SECRET_TARGETS:
          '{"orders":{"endpoint":"https://milvus.internal"},"milvus/a":{"username":"a"},"b":{"usernames":["b1","b2"]}}',
        CLUSTER_TRANSPORT: 'rest',
        CLUSTER_CA: pem,
        PASSWORD_LENGTH: '20',
        PASSWORD_EXCLUDE_CHARACTERS: 'O0',
        ADMIN_SECRET_ARN: 'arn:admin',
        MANAGER_SECRET_ARN: 'arn:manager',
        CONTROL_PLANE_URL: 'https://api.cloud.zilliz.com.cn/',
        CONTROL_PLANE_PATH: 'apiKeys',
        CONTROL_PLANE_SUCCESS_CODES: '0, 201',
        CLUSTER_TIMEOUT_MS: '800',
        PROPAGATION_MS: '0',
        MINIMUM_GAP_MINUTES: '90',
        ROTATED_EVENTS: 'true',
      }),
    ).toEqual({
      endpointRules: { allowed: ['.example.com', 'milvus.internal'], allowPlaintext: true },
      defaultEndpoint: 'https://milvus.internal',
      rotatedSecrets: [
        { account: undefined, resource: 'orders-??????' },
        { account: undefined, resource: 'milvus/*' },
      ],
      pins: {
        orders: { endpoint: 'https://milvus.internal' },
        'milvus/a': { username: 'a' },
        b: { usernames: ['b1', 'b2'] },
      },
      transport: 'rest',
      privateCa: pem,
      passwordPolicy: { length: 20, excludeCharacters: 'O0' },
      adminSecretArn: 'arn:admin',
      managerSecretArn: 'arn:manager',
      controlPlane: { url: 'https://api.cloud.zilliz.com.cn', path: 'apiKeys', successCodes: [0, 201] },
      clusterTimeoutMs: 800,
      propagationMs: 0,
      minimumGapMs: 5_400_000,
      rotatedEvents: true,
    });
  });

  it.each([
    ['ALLOW_PLAINTEXT', 'yes', 'true or false'],
    ['CONTROL_PLANE_PATH', 'keys', 'api-keys or apiKeys'],
    ['CONTROL_PLANE_URL', 'api.cloud.zilliz.com', 'https://HOST'],
    ['CONTROL_PLANE_URL', 'http://api.cloud.zilliz.com', 'https://HOST'],
    ['CONTROL_PLANE_URL', 'https://api.cloud.zilliz.com/v2', 'https://HOST'],
    ['CONTROL_PLANE_URL', 'ftp://127.0.0.1', 'https://HOST'],
    ['CONTROL_PLANE_SUCCESS_CODES', 'ok', '0,200'],
    ['CLUSTER_TRANSPORT', 'http', 'grpc or rest'],
    ['PASSWORD_LENGTH', '7', '8 to 64'],
    ['PASSWORD_LENGTH', 'forty', '8 to 64'],
    ['CLUSTER_TIMEOUT_MS', '499', '500 to 60000'],
    ['PROPAGATION_MS', '1.5', '0 to 60000'],
    ['ROTATED_EVENTS', 'yes', 'true or false'],
    ['MINIMUM_GAP_MINUTES', '525601', '0 to 525600'],
  ])('refuses %s=%s, and names the value and what is allowed: %s', (name, value, allowed) => {
    const read = (): unknown => readConfig({ [name]: value });
    expect(read).toThrow(`${name} is "${value}"`);
    expect(read).toThrow(allowed);
  });

  it.each([
    ['CLUSTER_CA', '/etc/ca.pem', /^CLUSTER_CA /],
    ['SECRET_TARGETS', '{', /^SECRET_TARGETS .*pins:PREFIX:COUNT or JSON/],
    ['SECRET_TARGETS', '{"orders":{"password":"Hunter2!"}}', /^(?!.*Hunter2)SECRET_TARGETS /],
    ['PASSWORD_EXCLUDE_CHARACTERS', '0123456789', /\bdigit\b/],
  ])('refuses %s=%s, and does not repeat the value', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(message);
  });
});
