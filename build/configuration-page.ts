import * as z from 'zod';
import { configurationSchema } from '../infra/configuration/configuration.ts';
import { table } from './pages.ts';

type Schema = z.core.JSONSchema.BaseSchema;

/** The JSON Schema of the configuration file. Editors use it to complete and check the file. */
export function jsonSchema(): Schema {
  const schema = z.toJSONSchema(configurationSchema, { io: 'input', reused: 'inline' });
  return { title: 'Configuration of zilliz-secret-rotation', ...schema };
}

/** The reference of the keys in docs/configuration.md. */
export function keyTables(): string {
  return Object.entries(sectionsOf(jsonSchema()))
    .map(([title, section]) => `### ${title}\n\n${keysTable(section)}`)
    .join('\n\n');
}

/** The keys of `defaults` and of an entry with `create` are not repeated below. */
function sectionsOf(file: Schema): Record<string, Schema> {
  const { function: fn = {}, defaults = {}, monitoring = {}, secrets = {} } = propertiesOf(file);
  const { vpc = {} } = propertiesOf(fn);
  const { privateLink = {} } = propertiesOf(vpc);
  const [create = {}, name = {}, arn = {}] = (secrets.items as Schema).anyOf ?? [];
  const existing = { properties: { ...propertiesOf(name), ...propertiesOf(arn) } };
  return {
    'The file': file,
    '`function`': fn,
    '`function.vpc`': vpc,
    '`function.vpc.privateLink`': privateLink,
    '`defaults`, and every entry of `secrets`': defaults,
    'Entry with `create`': { ...create, properties: keysOf(create, { without: defaults }) },
    'Entry with `name` or `arn`': { properties: keysOf(existing, { without: create }) },
    '`monitoring`': monitoring,
  };
}

/** The keys that the other section does not have, or describes otherwise. */
function keysOf(section: Schema, { without }: { readonly without: Schema }): Record<string, Schema> {
  const others = propertiesOf(without);
  return Object.fromEntries(
    Object.entries(propertiesOf(section)).filter(([key, { description }]) => others[key]?.description !== description),
  );
}

function keysTable(section: Schema): string {
  const rows = Object.entries(propertiesOf(section)).map(([key, schema]) => {
    const [meaning = '', byDefault] = (schema.description ?? '').split(/ Default: /);
    const absent = section.required?.includes(key) ? 'required' : (byDefault?.replace(/\.$/, '') ?? '');
    return [`\`${key}\`${valuesOf(schema)}`, absent, meaning];
  });
  return table(['Key', 'Default', 'Meaning'], rows);
}

/** The limits of a number, or the words that a key takes. */
function valuesOf({ type, minimum, maximum, enum: options }: Schema): string {
  if (type === 'integer') {
    return ` ${minimum} to ${maximum}`;
  }
  const words = (options ?? []).filter((option) => typeof option === 'string');
  return words.length > 0 ? `: ${words.map((word) => `\`${word}\``).join(', ')}` : '';
}

function propertiesOf(schema: Schema): Record<string, Schema> {
  return (schema.properties ?? {}) as Record<string, Schema>;
}
