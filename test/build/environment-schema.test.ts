import { describe, expect, it } from 'vitest';
import { environmentSchema } from '../../build/release/environment-schema.ts';
import { readConfig } from '../../protocol/rotation/function-config.ts';

interface Definition {
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
}

const { $defs: definitions } = environmentSchema('1.0.0') as { $defs: Record<'rotation' | 'overdue', Definition> };
const { rotation, overdue } = definitions;

describe('the schema of the environment of the rotation function', () => {
  it('names exactly the variables that the function reads, and requires none', () => {
    const read = new Set<string>();
    readConfig(new Proxy({}, { get: (_, name) => void read.add(String(name)) }));
    expect(Object.keys(rotation.properties).toSorted()).toEqual([...read].toSorted());
    expect(rotation.required).toEqual([]);
  });
});

it('the schema of the check for overdue rotations needs the function', () => {
  expect(overdue.required).toEqual(['ROTATION_FUNCTION_ARN']);
  expect(Object.keys(overdue.properties).toSorted()).toEqual([
    'MAX_AGE_DAYS',
    'ROTATED_SECRETS',
    'ROTATION_FUNCTION_ARN',
  ]);
});
