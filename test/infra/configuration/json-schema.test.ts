import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { jsonSchemaText } from '../../../infra/configuration/json-schema.ts';

const committed = readFileSync(new URL('../../../infra/rotation.schema.json', import.meta.url), 'utf8');

test('the schema that editors use is the one that synth checks with (else: node infra/configuration/json-schema.ts)', () => {
  expect(JSON.parse(committed)).toEqual(JSON.parse(jsonSchemaText()));
});

test('the sample configuration names that schema', () => {
  const sample = readFileSync(new URL('../../../rotation.yaml', import.meta.url), 'utf8');
  expect(sample.split('\n')[0]).toBe('# yaml-language-server: $schema=infra/rotation.schema.json');
});
