import { writeFileSync } from 'node:fs';
import * as z from 'zod';
import { configurationSchema } from './configuration.ts';

const FILE = new URL('../rotation.schema.json', import.meta.url);

/** The JSON Schema of the configuration file. Editors use it to complete and check the file. */
export function jsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = z.toJSONSchema(configurationSchema, { io: 'input', reused: 'inline' });
  return { title: 'Configuration of zilliz-secret-rotation', ...schema };
}

export function writeJsonSchema(): void {
  writeFileSync(FILE, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
}
