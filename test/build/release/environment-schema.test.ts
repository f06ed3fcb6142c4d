import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { environmentSchema } from '../../../build/release/environment-schema.ts';
import { MAX_AGE_DAYS } from '../../../infra/rules/shared-fields.ts';
import { type IntegerVariable, readConfig, VARIABLES, type Variable } from '../../../lambda/config.ts';

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

interface Values {
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

/** Values of the text variables. The values of numbers and choices come from the declaration. */
const TEXTS: Readonly<Record<string, Values>> = {
  ROTATED_SECRETS: { good: ['', 'a-??????,b-Ab12Cd', 'milvus/*', '111122223333:a-??????'], bad: [] },
  SECRET_TARGETS: { good: ['', '{}', '{"a":{"endpoint":"https://h"}}'], bad: ['a', '[]'] },
  ALLOWED_ENDPOINTS: { good: ['', '.example.com,host'], bad: [] },
  CLUSTER_ENDPOINT: { good: ['', 'https://host:19530', 'http://127.0.0.1:1'], bad: [] },
  CLUSTER_CA: { good: ['', '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n'], bad: ['MII='] },
  PASSWORD_EXCLUDE_CHARACTERS: { good: ['', '_-'], bad: [] },
  ADMIN_SECRET_ARN: { good: ['', 'arn:aws:secretsmanager:us-east-1:123456789012:secret:a-Ab12Cd'], bad: [] },
};

const isInteger = (variable: Variable): variable is IntegerVariable => 'minimum' in variable;

/** Values at the limits of a variable. */
function valuesOf(name: string, variable: Variable): Values {
  if ('values' in variable) {
    const { values } = variable;
    return { good: ['', ...values], bad: values.flatMap((value) => [value.toUpperCase(), `${value}x`]) };
  }
  if (isInteger(variable)) {
    const { minimum, maximum } = variable;
    return {
      good: ['', ...[minimum, minimum + 1, maximum - 1, maximum].map(String)],
      bad: [...[minimum - 1, maximum + 1, 10 * maximum].map(String), `${minimum}.5`, `-${maximum}`],
    };
  }
  return TEXTS[name] ?? { good: ['', 'a', '0'], bad: [] };
}

const CASES = Object.entries(VARIABLES).map(([name, variable]) => [name, valuesOf(name, variable)] as const);

describe('the schema of the environment of the rotation function', () => {
  it('names exactly the variables that the function reads', () => {
    const readVariables = new Set<string>();
    readConfig(new Proxy({}, { get: (_, name) => void readVariables.add(String(name)) }));
    expect(Object.keys(definitions['rotation']?.properties ?? {}).toSorted()).toEqual([...readVariables].toSorted());
  });

  it.each(CASES)('accepts the values of %s that the function accepts', (name, { good, bad }) => {
    for (const value of good) {
      expect([value, rotation({ [name]: value }), isReadable({ [name]: value })]).toEqual([value, true, true]);
    }
    for (const value of bad) {
      expect([value, rotation({ [name]: value }), isReadable({ [name]: value })]).toEqual([value, false, false]);
    }
  });

  const integers = Object.entries(VARIABLES).flatMap(([name, variable]) =>
    isInteger(variable) ? [[name, variable] as const] : [],
  );

  it('accepts no number that the function refuses', () => {
    fc.assert(
      fc.property(fc.constantFrom(...integers), fc.integer({ min: -10, max: 700_000 }), ([name], value) => {
        const variables = { [name]: String(value) };
        expect([name, value, rotation(variables)]).toEqual([name, value, isReadable(variables)]);
      }),
    );
  });

  it.each(integers)('says the limits and the default of %s', (_, { description, minimum, maximum, fallback }) => {
    expect(description).toContain(`${minimum} to ${maximum}`);
    expect(description).toContain(`Default: ${fallback}.`);
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
