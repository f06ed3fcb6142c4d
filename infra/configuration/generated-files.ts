import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { configurationSchema } from './configuration.ts';

type Schema = z.core.JSONSchema.BaseSchema;

const JSON_SCHEMA = new URL('../rotation.schema.json', import.meta.url);
const PAGE = new URL('../../docs/configuration.md', import.meta.url);
const TABLE = /(<!-- keys of ([\w.]+) -->\n)[\s\S]*?(<!-- end of keys -->)/g;

/** The JSON Schema of the configuration file. Editors use it to complete and check the file. */
export function jsonSchema(): Schema {
  const schema = z.toJSONSchema(configurationSchema, { io: 'input', reused: 'inline' });
  return { title: 'Configuration of zilliz-secret-rotation', ...schema };
}

export function writeJsonSchema(): void {
  writeFileSync(JSON_SCHEMA, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
}

/** Writes the tables of docs/configuration.md from the schema. */
export function writeConfigurationPage(): void {
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')));
}

/**
 * The page with new tables between `<!-- keys of SECTION -->` and `<!-- end of keys -->`. The
 * other text is unchanged.
 */
export function withTables(page: string): string {
  const sections = sectionsOf(jsonSchema());
  return page.replace(TABLE, (_, begin: string, name: string, end: string) => {
    const section = sections[name];
    if (section === undefined) {
      throw new Error(`docs/configuration.md has a table for ${name}. Sections: ${Object.keys(sections).join(', ')}.`);
    }
    return `${begin}\n${tableOf(section)}\n\n${end}`;
  });
}

/** Every section of the file. `defaults` has the keys that all kinds of secrets share. */
function sectionsOf(file: Schema): Record<string, Schema> {
  const { function: fn = {}, defaults = {}, monitoring = {}, secrets = {} } = propertiesOf(file);
  const { vpc = {} } = propertiesOf(fn);
  const { privateLink = {} } = propertiesOf(vpc);
  const [create = {}, name = {}, arn = {}] = (secrets.items as Schema).anyOf ?? [];
  const withoutDefaults = (...kinds: Schema[]): Schema => {
    const own = kinds.flatMap((kind) => Object.entries(propertiesOf(kind)));
    return {
      properties: Object.fromEntries(own.filter(([key]) => !(key in propertiesOf(defaults)))),
      required: kinds.length === 1 ? (kinds[0]?.required ?? []) : [],
    };
  };
  return {
    file,
    function: fn,
    'function.vpc': vpc,
    'function.vpc.privateLink': privateLink,
    defaults,
    'secrets.create': withoutDefaults(create),
    'secrets.existing': withoutDefaults(name, arn),
    monitoring,
  };
}

function tableOf(section: Schema): string {
  const rows = Object.entries(propertiesOf(section)).map(([key, schema]) => {
    const [meaning, byDefault] = (schema.description ?? '').split(/ Default: /);
    const absent = section.required?.includes(key) ? 'required' : (byDefault?.replace(/\.$/, '') ?? defaultOf(schema));
    return `| \`${key}\` | ${valuesOf(schema)} | ${absent} | ${meaning} |`;
  });
  return ['| Key | Values | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function defaultOf({ default: value }: Schema): string {
  return value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function valuesOf(schema: Schema): string {
  const options = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (options) {
    return options.map((option) => `\`${String(option)}\``).join(', ');
  }
  switch (schema.type) {
    case 'integer':
      return `${schema.minimum} to ${schema.maximum}`;
    case 'boolean':
      return '`true`, `false`';
    case 'array':
      return 'list';
    case 'object':
      return 'map';
    default:
      return 'text';
  }
}

function propertiesOf(schema: Schema): Record<string, Schema> {
  return (schema.properties ?? {}) as Record<string, Schema>;
}
