import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '../../../infra/configuration/read-configuration.ts';
import { FUNCTION_FIELDS, rotationRulesEnvironment } from '../../../infra/rules/function-settings.ts';
import { readConfig } from '../../../lambda/config.ts';

const text = readFileSync(new URL('../fixtures/every-key.yaml', import.meta.url), 'utf8');
const settings = parseConfiguration(text, 'rotation.yaml').function;

/** Settings that the code of the function does not read from a variable of their own. */
const DEPLOYMENT_SETTINGS = ['strategy', 'secretNamePrefix', 'memorySize', 'reservedConcurrentExecutions'];
const rules = (Object.keys(FUNCTION_FIELDS) as (keyof typeof FUNCTION_FIELDS)[]).filter(
  (key) => !DEPLOYMENT_SETTINGS.includes(key),
);

describe('the environment of the function', () => {
  test.each(rules)('has a variable for %s', (key) => {
    expect(Object.keys(rotationRulesEnvironment({ [key]: settings[key] }))).toHaveLength(1);
  });

  test.each(rules)('gives %s to the function', (key) => {
    expect(readConfig(rotationRulesEnvironment({ [key]: settings[key] }))).not.toEqual(readConfig({}));
  });

  test('has each value as text', () => {
    expect(rotationRulesEnvironment(settings)).toMatchObject({
      ALLOWED_ENDPOINTS: '.zillizcloud.com,milvus.example.com',
      CLUSTER_ENDPOINT: 'https://milvus.example.com:19530',
      CLUSTER_TRANSPORT: 'rest',
      ALLOW_PLAINTEXT: 'true',
      PASSWORD_LENGTH: '32',
      PASSWORD_EXCLUDE_CHARACTERS: '!*',
    });
  });

  test('has no variable for an absent setting and for false', () => {
    expect(rotationRulesEnvironment({ allowPlaintext: false })).toEqual({});
  });
});
