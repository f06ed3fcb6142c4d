import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../../infra/configuration/read-configuration.ts';
import { rotationRulesEnvironment } from '../../../infra/function/function-environment.ts';
import { FUNCTION_FIELDS } from '../../../infra/rules/function-fields.ts';
import { readConfig } from '../../../protocol/rotation/function-config.ts';

const text = readFileSync(new URL('../fixtures/every-key.yaml', import.meta.url), 'utf8');
const settings = parseConfiguration(text, 'rotation.yaml').function;

/** Settings that the code of the function does not read from a variable of their own. */
const DEPLOYMENT_SETTINGS = ['strategy', 'secretNamePrefix', 'memorySize', 'reservedConcurrentExecutions'];
const rules = (Object.keys(FUNCTION_FIELDS) as (keyof typeof FUNCTION_FIELDS)[]).filter(
  (key) => !DEPLOYMENT_SETTINGS.includes(key),
);

test.each(rules)('the function reads %s from a variable of its environment', (key) => {
  const environment = rotationRulesEnvironment({ [key]: settings[key] });
  expect(Object.keys(environment)).toHaveLength(1);
  expect(readConfig(environment)).not.toEqual(readConfig({}));
});

test('the environment has no variable for an absent setting and for false', () => {
  expect(rotationRulesEnvironment({ allowPlaintext: false })).toEqual({});
});
