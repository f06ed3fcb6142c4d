import { writeFileSync } from 'node:fs';
import * as z from 'zod';
import { configurationSchema } from './schema.ts';

/** The schema of rotation.yaml for editors, as the text of infra/rotation.schema.json. */
export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(configurationSchema, { io: 'input', reused: 'inline' });
  return `${JSON.stringify({ title: 'Configuration of zilliz-secret-rotation', ...schema }, null, 2)}\n`;
}

if (import.meta.main) {
  writeFileSync(new URL('../rotation.schema.json', import.meta.url), jsonSchemaText());
}
