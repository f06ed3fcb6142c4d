import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../lambda/config.ts';

describe('readConfig', () => {
  it('asks for nothing: an empty environment means Zilliz Cloud over TLS', () => {
    expect(readConfig({})).toEqual({
      endpointRules: { allowed: ['.zillizcloud.com', '.zilliz.com.cn'], allowPlaintext: false },
      defaultEndpoint: undefined,
      privateCa: undefined,
      passwordPolicy: { length: 40, excludeCharacters: '' },
      adminSecretArn: undefined,
      clusterTimeoutMs: 5000,
      propagationMs: 10_000,
    });
  });

  it('reads every variable', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    expect(
      readConfig({
        ALLOWED_ENDPOINTS: ' .example.com, milvus.internal ,',
        ALLOW_PLAINTEXT: 'true',
        CLUSTER_ENDPOINT: 'https://milvus.internal',
        CLUSTER_CA: pem,
        PASSWORD_LENGTH: '20',
        PASSWORD_EXCLUDE_CHARACTERS: 'O0',
        ADMIN_SECRET_ARN: 'arn:admin',
        CLUSTER_TIMEOUT_MS: '800',
        PROPAGATION_MS: '0',
      }),
    ).toEqual({
      endpointRules: { allowed: ['.example.com', 'milvus.internal'], allowPlaintext: true },
      defaultEndpoint: 'https://milvus.internal',
      privateCa: pem,
      passwordPolicy: { length: 20, excludeCharacters: 'O0' },
      adminSecretArn: 'arn:admin',
      clusterTimeoutMs: 800,
      propagationMs: 0,
    });
  });

  it.each([
    ['ALLOW_PLAINTEXT', 'yes', 'ALLOW_PLAINTEXT is "yes". Expected true or false.'],
    ['PASSWORD_LENGTH', '7', 'PASSWORD_LENGTH is "7". Expected a whole number from 8 to 64.'],
    ['PASSWORD_LENGTH', 'forty', 'PASSWORD_LENGTH is "forty". Expected a whole number from 8 to 64.'],
    ['CLUSTER_TIMEOUT_MS', '499', 'CLUSTER_TIMEOUT_MS is "499". Expected a whole number from 500 to 60000.'],
    ['PROPAGATION_MS', '1.5', 'PROPAGATION_MS is "1.5". Expected a whole number from 0 to 60000.'],
    ['CLUSTER_CA', '/etc/ca.pem', /^CLUSTER_CA is no certificate/],
    ['PASSWORD_EXCLUDE_CHARACTERS', '0123456789', /leave no digit character/],
  ])('refuses %s=%s with what is allowed', (name, value, message) => {
    expect(() => readConfig({ [name]: value })).toThrow(message);
  });
});
