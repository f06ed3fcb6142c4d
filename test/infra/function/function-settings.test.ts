import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../../infra/configuration/read-configuration.ts';
import { functionEnvironment } from '../../../infra/function/function-environment.ts';
import { FUNCTION_FIELDS } from '../../../infra/rules/function-fields.ts';
import { readConfig } from '../../../protocol/rotation/function-config.ts';
import { FUNCTION_SETTINGS } from '../../../protocol/rotation/function-settings.ts';

const text = readFileSync(new URL('../fixtures/every-key.yaml', import.meta.url), 'utf8');
const values: Readonly<Record<string, unknown>> = { ...parseConfiguration(text, 'rotation.yaml').function };
const keys = Object.entries(FUNCTION_SETTINGS).flatMap(([key, setting]) => ('type' in setting ? [key] : []));

test.each(keys)('the function reads %s from a variable of its environment', (key) => {
  const environment = functionEnvironment({ [key]: values[key] });
  expect(Object.keys(environment)).toHaveLength(1);
  expect(readConfig(environment)).not.toEqual(readConfig({}));
});

test('an empty address of the control plane is like none, as in the environment', () => {
  expect(FUNCTION_FIELDS.controlPlaneUrl.safeParse('').success).toBe(true);
});

test('the environment has no variable for an absent setting and for false', () => {
  expect(functionEnvironment({ clusterEndpoint: undefined, allowPlaintext: false })).toEqual({});
});
