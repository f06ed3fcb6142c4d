import { globSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { errorDocument } from '../cli/json-schema-parts.ts';

const CLI = join(import.meta.dirname, '..', 'cli');

/** The schemas of the documents that `--json` of a subcommand prints. */
const SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map(
  await Promise.all(
    globSync('*/json-schema.ts', { cwd: CLI }).map(async (path): Promise<[string, z.ZodType]> => {
      const { documentSchema } = (await import(join(CLI, path))) as { documentSchema: z.ZodType };
      const name = basename(dirname(path));
      return [name, z.union([documentSchema, errorDocument(name)])];
    }),
  ),
);

/** The files of docs/schemas by name. */
export function schemaFiles(): ReadonlyMap<string, string> {
  return new Map(
    [...SCHEMAS].map(([name, schema]) => {
      const document = {
        title: `The document of zilliz-rotation ${name} --json`,
        ...z.toJSONSchema(schema, { io: 'input' }),
      };
      return [`${name}.schema.json`, `${JSON.stringify(document, null, 2)}\n`];
    }),
  );
}

export function writeSchemas(): void {
  for (const [file, text] of schemaFiles()) {
    writeFileSync(new URL(`../docs/schemas/${file}`, import.meta.url), text);
  }
}

/** @throws if the subcommand has no schema */
export function schemaOf(name: string): z.ZodType {
  const schema = SCHEMAS.get(name);
  if (schema === undefined) {
    throw new Error(`cli/${name}/json-schema.ts does not exist. It describes the document of --json.`);
  }
  return schema;
}
