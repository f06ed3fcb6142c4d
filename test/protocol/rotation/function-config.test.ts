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
    ['ALLOW_PLAINTEXT', 'yes', 'ALLOW_PLAINTEXT is "yes". Expected true or false.'],
    ['CONTROL_PLANE_PATH', 'keys', 'CONTROL_PLANE_PATH is "keys". Expected api-keys or apiKeys.'],
    ...[
      'api.cloud.zilliz.com',
      'http://api.cloud.zilliz.com',
      'https://api.cloud.zilliz.com/v2',
      'ftp://127.0.0.1',
    ].map((url): [string, string, string] => [
      'CONTROL_PLANE_URL',
      url,
      `CONTROL_PLANE_URL is ${JSON.stringify(url)}. Expected https://HOST, without a path.`,
    ]),
    [
      'CONTROL_PLANE_SUCCESS_CODES',
      'ok',
      'CONTROL_PLANE_SUCCESS_CODES is "ok". Expected whole numbers with commas between them: 0,200.',
    ],
    ['CLUSTER_TRANSPORT', 'http', 'CLUSTER_TRANSPORT is "http". Expected grpc or rest.'],
    ['PASSWORD_LENGTH', '7', 'PASSWORD_LENGTH is "7". Expected a whole number from 8 to 64.'],
    ['PASSWORD_LENGTH', 'forty', 'PASSWORD_LENGTH is "forty". Expected a whole number from 8 to 64.'],
    ['CLUSTER_TIMEOUT_MS', '499', 'CLUSTER_TIMEOUT_MS is "499". Expected a whole number from 500 to 60000.'],
    ['PROPAGATION_MS', '1.5', 'PROPAGATION_MS is "1.5". Expected a whole number from 0 to 60000.'],
    ['CLUSTER_CA', '/etc/ca.pem', /^CLUSTER_CA is not a certificate/],
    [
      'SECRET_TARGETS',
      '{',
      /^SECRET_TARGETS cannot be read\. Expected pins:PREFIX:COUNT or JSON. A key is the name of a secret/,
    ],
    ['ROTATED_EVENTS', 'yes', 'ROTATED_EVENTS is "yes". Expected true or false.'],
    ['MINIMUM_GAP_MINUTES', '-1', 'MINIMUM_GAP_MINUTES is "-1". Expected a whole number from 0 to 525600.'],
    ['SECRET_TARGETS', '{"orders":{"password":"Hunter2!"}}', /^(?!.*Hunter2)SECRET_TARGETS cannot be read/],
    ['PASSWORD_EXCLUDE_CHARACTERS', '0123456789', /leave no digit character/],
  ])('refuses %s=%s, and the message says what is allowed', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(message);
  });
});
