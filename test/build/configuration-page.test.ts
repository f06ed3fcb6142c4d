import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { core } from 'zod';
import { jsonSchema } from '../../build/configuration-page.ts';
import { PROJECT } from '../../local/project.ts';

const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

test('every key has a description', () => {
  const keys = [...read('docs/configuration.md').matchAll(/^\| `(\w+)`.*\| (.*) \|$/gm)];
  expect(keys.length).toBeGreaterThan(45);
  expect(keys.filter(([, , meaning]) => !meaning).map(([, key]) => key)).toEqual([]);
});

/** `function.vpc.vpcId`: the keys of maps in maps, without the entries of lists and the tags. */
function keysIn(map: object, inner: (value: unknown) => unknown = (value) => value): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    const keys: unknown = inner(value);
    const isMap = typeof keys === 'object' && keys !== null && !Array.isArray(keys) && key !== 'tags';
    return [key, ...(isMap ? keysIn(keys, inner).map((innerKey) => `${key}.${innerKey}`) : [])];
  });
}

test('the fixtures every-key.yaml and admin-secret.yaml have every key except these', () => {
  const propertiesOf = (schema: unknown): unknown => (schema as core.JSONSchema.BaseSchema).properties;
  const fixtures = ['every-key', 'admin-secret'].map(
    (name) => parse(read(`test/infra/fixtures/${name}.yaml`)) as object,
  );
  const used = new Set(fixtures.flatMap((fixture) => keysIn(fixture)));
  expect(keysIn(jsonSchema().properties ?? {}, propertiesOf).filter((key) => !used.has(key))).toEqual([
    'function.caFile',
    'defaults.rotateImmediatelyOnUpdate',
    'monitoring.topicArn',
  ]);
});

test('the sample configuration names the JSON schema', () => {
  expect(read('rotation.yaml').split('\n')[0]).toBe('# yaml-language-server: $schema=infra/rotation.schema.json');
});
