import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentSchema } from '../../../build/release/environment-schema.ts';
import { MAX_AGE_DAYS } from '../../../infra/rules/shared-fields.ts';
import { readConfig } from '../../../lambda/config.ts';

type Variables = Readonly<Record<string, string>>;

const ajv = new Ajv2020({ allErrors: true });
const schema = environmentSchema('1.0.0');
const rotation = ajv.compile(schema);
const overdue = ajv.compile({ ...schema, $ref: '#/$defs/overdue' });
const { $defs: definitions } = schema as { $defs: Record<string, { properties: object }> };

function isReadable(variables: Variables): boolean {
  try {
    readConfig(variables);
    return true;
  } catch {
    return false;
  }
}

/** Values at the limits of each variable. The schema and the function agree on each of them. */
const VALUES: Readonly<Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
  ROTATED_SECRETS: { good: ['', 'a-??????,b-Ab12Cd', 'milvus/*', '111122223333:a-??????'], bad: [] },
  SECRET_TARGETS: { good: ['', '{}', '{"a":{"endpoint":"https://h"}}'], bad: ['a', '[]'] },
  ALLOWED_ENDPOINTS: { good: ['', '.example.com,host'], bad: [] },
  CLUSTER_ENDPOINT: { good: ['', 'https://host:19530', 'http://127.0.0.1:1'], bad: [] },
  CLUSTER_TRANSPORT: { good: ['', 'grpc', 'rest'], bad: ['http', 'GRPC'] },
  CLUSTER_CA: { good: ['', '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n'], bad: ['MII='] },
  ALLOW_PLAINTEXT: { good: ['', 'true', 'false'], bad: ['yes', 'True'] },
  PASSWORD_LENGTH: { good: ['', '8', '9', '10', '59', '60', '64'], bad: ['7', '65', '100', '40.5', '-40'] },
  PASSWORD_EXCLUDE_CHARACTERS: { good: ['', '_-'], bad: [] },
  MINIMUM_GAP_MINUTES: {
    good: ['', '0', '99999', '499999', '519999', '524999', '525599', '525600'],
    bad: ['525601', '525700', '526000', '530000', '600000', '1000000', '-1'],
  },
  ADMIN_SECRET_ARN: { good: ['', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a-Ab12Cd'], bad: [] },
  CLUSTER_TIMEOUT_MS: { good: ['', '500', '999', '1000', '59999', '60000'], bad: ['499', '60001', '70000', '99'] },
  PROPAGATION_MS: { good: ['', '0', '9999', '59999', '60000'], bad: ['60001', '70000', '-1'] },
};

describe('the schema of the environment of the rotation function', () => {
  it('names exactly the variables that the function reads', () => {
    const readVariables = new Set<string>();
    readConfig(new Proxy({}, { get: (_, name) => void readVariables.add(String(name)) }));
    expect(Object.keys(definitions['rotation']?.properties ?? {}).toSorted()).toEqual([...readVariables].toSorted());
    expect(Object.keys(VALUES).toSorted()).toEqual([...readVariables].toSorted());
  });

  it.each(Object.entries(VALUES))('accepts the values of %s that the function accepts', (name, { good, bad }) => {
    for (const value of good) {
      expect([value, rotation({ [name]: value }), isReadable({ [name]: value })]).toEqual([value, true, true]);
    }
    for (const value of bad) {
      expect([value, rotation({ [name]: value }), isReadable({ [name]: value })]).toEqual([value, false, false]);
    }
  });

  it('accepts no number that the function refuses', () => {
    const names = ['PASSWORD_LENGTH', 'MINIMUM_GAP_MINUTES', 'CLUSTER_TIMEOUT_MS', 'PROPAGATION_MS'];
    const number = fc.integer({ min: -10, max: 700_000 });
    fc.assert(
      fc.property(fc.constantFrom(...names), number, (name, value) => {
        const variables = { [name]: String(value) };
        expect([name, value, rotation(variables)]).toEqual([name, value, isReadable(variables)]);
      }),
    );
  });

  it('refuses an unknown variable, and accepts those of the runtime', () => {
    expect(rotation({ ALLOWED_ENDPOINT: 'host' })).toBe(false);
    expect(rotation({ AWS_ENDPOINT_URL_SECRETS_MANAGER: 'https://host', POWERTOOLS_LOG_LEVEL: 'DEBUG' })).toBe(true);
  });
});

describe('the schema of the environment of the check for overdue rotations', () => {
  const ROTATION_FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotation';

  it('needs the function', () => {
    expect(overdue({ ROTATION_FUNCTION_ARN, ROTATED_SECRETS: 'milvus/*' })).toBe(true);
    expect(overdue({ ROTATED_SECRETS: 'milvus/*' })).toBe(false);
  });

  it.each([0, 1, 9, 10, 999, 1000, 1001, 2000])('accepts %s days as the constructs do', (days) => {
    expect(overdue({ ROTATION_FUNCTION_ARN, MAX_AGE_DAYS: String(days) })).toBe(MAX_AGE_DAYS.safeParse(days).success);
  });
});
