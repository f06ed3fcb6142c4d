import * as z from 'zod';
import { FUNCTION_SETTINGS } from '../../protocol/rotation/function-settings.ts';
import type { FileSetting, Setting } from '../../protocol/rotation/setting.ts';
import { choice, type FieldsOf, flag, integer, list, optional, text } from './fields.ts';
import type { FunctionSettings } from './function-settings.ts';
import { endpoint, STRATEGY } from './shared-fields.ts';

/** The reason is in docs/cost.md. The comment of `memorySize` repeats the value. */
export const DEFAULT_MEMORY_MB = 512;

/** The rules of the settings. The file and the props apply them. */
export const FUNCTION_FIELDS: FieldsOf<FunctionSettings> = {
  strategy: optional(STRATEGY, 'Strategy of secrets whose entry tells none. Default: `single-user`.'),
  // Each setting of the table needs a documented prop of the same type.
  ...(fileFields() satisfies FieldsOf<Pick<FunctionSettings, FileKey>>),
  secretNamePrefix: optional(
    text(/^[\w/+=.@-]+\/$/, 'Write a folder that ends in a slash, such as milvus/.'),
    'A folder that holds all secrets, such as `milvus/`. Default: one permission for each secret.',
  ),
  memorySize: optional(integer(128, 10_240, 'MB'), `Memory in MB. Default: \`${DEFAULT_MEMORY_MB}\`.`),
  reservedConcurrentExecutions: optional(
    integer(0, 100_000, 'concurrent rotations'),
    'Maximum number of concurrent rotations. `0` stops all. Default: the concurrency of the account.',
  ),
};

/** The meaning and the default of a setting. */
export function descriptionOf({ about, default: value }: Pick<Setting, 'about' | 'default'>): string {
  const items = [value].flat().filter((item) => (item ?? '') !== '');
  // Numbers are shown as the file has them: [0, 200].
  const shown = items.length > 1 && items.every(Number.isInteger) ? [`[${items.join(', ')}]`] : items.map(String);
  return `${about} Default: ${shown.map((item) => `\`${item}\``).join(', ') || 'none'}.`;
}

type Settings = typeof FUNCTION_SETTINGS;
type FileKey = { [Name in keyof Settings]: Settings[Name] extends FileSetting ? Name : never }[keyof Settings];
type FileFields = { readonly [Name in FileKey]: z.ZodExactOptional<z.ZodType<Settings[Name]['default']>> };

function fileFields(): FileFields {
  const settings = Object.entries<Setting | FileSetting>(FUNCTION_SETTINGS);
  return Object.fromEntries(
    settings.flatMap(([name, setting]) =>
      'type' in setting ? [[name, optional(fieldOf(setting), descriptionOf(setting))]] : [],
    ),
  ) as FileFields;
}

function fieldOf(setting: FileSetting): z.ZodType {
  const { allowed: error } = setting;
  switch (setting.type) {
    case 'whole':
      return integer(setting.min, setting.max, setting.unit);
    case 'choice':
      return choice(setting.words);
    case 'list':
      return list(setting.items === 'whole' ? z.int({ error }) : text(setting.items, error), error, error);
    case 'flag':
      return flag();
    case 'endpoint':
      return endpoint();
    case 'text':
      // An empty text is like none, as in the environment.
      return z.string({ error }).refine((value) => value === '' || setting.parse(value) !== undefined, { error });
  }
}
