import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { errorDocument } from '../cli/json-schema-parts.ts';

const CLI = join(import.meta.dirname, '..', 'cli');

/** The schemas of the documents that `--json` of a subcommand prints, by subcommand. */
const SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map(
  await Promise.all(
    globSync('*/json-schema.ts', { cwd: CLI }).map(async (path): Promise<[string, z.ZodType]> => {
      const { documentSchema } = (await import(join(CLI, path))) as { documentSchema: z.ZodType };
      const name = dirname(path);
      return [name, z.union([documentSchema, errorDocument(name)])];
    }),
  ),
);

/** The same as JSON Schema. */
export function commandSchemas(): Record<string, object> {
  return Object.fromEntries(
    [...SCHEMAS].map(([name, schema]) => [
      name,
      { title: `The document of zilliz-rotation ${name} --json`, ...z.toJSONSchema(schema, { io: 'input' }) },
    ]),
  );
}

/** @throws if the subcommand has no schema */
export function schemaOf(name: string): z.ZodType {
  const schema = SCHEMAS.get(name);
  if (schema === undefined) {
    throw new Error(`cli/${name}/json-schema.ts does not exist. It describes the document of --json.`);
  }
  return schema;
}
