import * as z from 'zod';
import { endpointFormProblem } from './endpoint-problem.ts';

/** One field for each key of a section. The compiler refuses a missing key and an unknown key. */
export type FieldsOf<Section> = {
  readonly [Key in keyof Section]-?: Partial<Pick<Section, Key>> extends Pick<Section, Key>
    ? z.ZodExactOptional<z.ZodType<NonNullable<Section[Key]>>>
    : z.ZodType<Section[Key]>;
};

/** @param allowed What is allowed, as a sentence. The message is the value and this sentence. */
export const text = (pattern: RegExp, allowed: string): z.ZodString =>
  z.string({ error: allowed }).regex(pattern, { error: allowed });

/** An integer from `low` to `high`. The error message is built from the limits. */
export const integer = (low: number, high: number, unit: string, reason = ''): z.ZodInt => {
  const error = `Write a whole number of ${unit} from ${low} to ${high}.${reason && ` ${reason}`}`;
  return z.int({ error }).min(low, { error }).max(high, { error });
};

export const flag = (): z.ZodBoolean => z.boolean({ error: 'Write true or false.' });

export const list = <Item extends z.ZodType>(item: Item, allowed: string, ifEmpty: string): z.ZodArray<Item> =>
  z.array(item, { error: allowed }).min(1, { error: ifEmpty });

/** @param known The keys that are allowed. */
export function unknownKeyRule(key: string, known: readonly string[]): string {
  const [nearest = ''] = known.toSorted((a, b) => editsBetween(key, a) - editsBetween(key, b));
  return editsBetween(key, nearest) < 3
    ? `Unknown prop. Did you mean ${nearest}? Write ${nearest}, or remove ${key}.`
    : `Unknown prop. Remove it. Allowed: ${known.join(', ')}.`;
}

/** How many characters to insert, to remove or to replace: the Levenshtein distance. */
function editsBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 0; column < to.length; column++) {
      const replaced = (row[column] ?? 0) + (to[column] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A map with these keys and no others. The hint ends the message about an unknown key. */
export const map = <Fields extends z.core.$ZodShape>(
  fields: Fields,
  hint = '',
): z.ZodObject<Fields, z.core.$strict> => {
  const keys = Object.keys(fields).join(', ');
  return z.strictObject(fields, {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? `Unknown key. Allowed: ${keys}.${hint}` : `Write a map. Its keys: ${keys}.`,
  });
};

export const removalPolicy = (): z.ZodEnum<{ retain: 'retain'; destroy: 'destroy' }> =>
  z.enum(['retain', 'destroy'], { error: 'Write retain or destroy.' });

export const keyArn = (): z.ZodString =>
  text(
    /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/,
    'Write the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID.',
  );

export const optional = <Field extends z.ZodType>(field: Field, description: string): z.ZodExactOptional<Field> =>
  field.exactOptional().describe(description);

/** The form of an endpoint. Another rule decides which hosts are allowed. */
export const endpoint = (): z.ZodString =>
  z.string({ error: 'Write https://host[:port].' }).superRefine((value, context) => {
    const message = endpointFormProblem(value);
    if (message !== undefined) {
      context.addIssue({ code: 'custom', message });
    }
  });
