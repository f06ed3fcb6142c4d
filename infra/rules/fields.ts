import * as z from 'zod';

/** One field for each key of a section. The compiler refuses a missing key and an unknown key. */
export type FieldsOf<Section> = {
  readonly [Key in keyof Section]-?: Partial<Pick<Section, Key>> extends Pick<Section, Key>
    ? z.ZodExactOptional<z.ZodType<NonNullable<Section[Key]>>>
    : z.ZodType<Section[Key]>;
};

/** A map with these keys and no others. */
export const map = <Fields extends z.core.$ZodShape>(fields: Fields): z.ZodObject<Fields, z.core.$strict> => {
  const keys = Object.keys(fields).join(', ');
  return z.strictObject(fields, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `Unknown key. Allowed: ${keys}.` : `Write a map. Its keys: ${keys}.`,
  });
};

export const optional = <Field extends z.ZodType>(field: Field, description: string): z.ZodExactOptional<Field> =>
  field.exactOptional().describe(description);

/** @param allowed What is allowed, as a sentence. The message is the value and this sentence. */
export const text = (pattern: RegExp, allowed: string): z.ZodString =>
  z.string({ error: allowed }).regex(pattern, { error: allowed });

/** An integer from `low` to `high`. The error message is built from the limits. */
export const integer = (low: number, high: number, unit: string): z.ZodInt => {
  const error = `Write a whole number of ${unit} from ${low} to ${high}.`;
  return z.int({ error }).min(low, { error }).max(high, { error });
};

export const choice = <const Word extends string>(words: readonly Word[]): z.ZodEnum<{ [Each in Word]: Each }> =>
  z.enum(words, { error: `Write ${words.join(' or ')}.` });

export const flag = (): z.ZodBoolean => z.boolean({ error: 'Write true or false.' });

/** @param ifEmpty What to write instead of an empty list. Absent: an empty list is allowed. */
export const list = <Item extends z.ZodType>(item: Item, allowed: string, ifEmpty?: string): z.ZodArray<Item> => {
  const field = z.array(item, { error: allowed });
  return ifEmpty === undefined ? field : field.min(1, { error: ifEmpty });
};

/** Each item may be in the list once. */
export const unique = <Item extends z.ZodType>(field: z.ZodArray<Item>): z.ZodArray<Item> =>
  field.superRefine((items, context) => {
    for (const [index, item] of items.entries()) {
      const first = items.indexOf(item);
      if (first !== index) {
        const message = `Item ${first + 1} is the same. Write each item once.`;
        context.addIssue({ code: 'custom', path: [index], message });
      }
    }
  });

export const removalPolicy = (): z.ZodEnum<{ retain: 'retain'; destroy: 'destroy' }> => choice(['retain', 'destroy']);
