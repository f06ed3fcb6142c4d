import * as z from 'zod';
import { ExitCode } from './outcome/exit-code.ts';

/**
 * Parts that the documents of several subcommands share. The running command imports their types
 * only, because zod is slow to load.
 */

export function commandKeys<Name extends string>(name: Name) {
  return {
    command: z.literal(name),
    exitCode: z.literal(Object.values(ExitCode)).describe('The exit code of the process.'),
  };
}

export const secretId = z
  .string()
  .describe('Name or ARN of the secret as given, or the ARN of a secret that was found.');

export const arn = z
  .string()
  .nullable()
  .describe('ARN of the secret. Null if the secret does not exist or was not read.');

/** The command computes a date, and `JSON.stringify` writes it as text. */
export const time = z.iso
  .datetime()
  .transform((text) => new Date(text))
  .nullable();

export const versionId = z.string().nullable();

export const notes = z.array(z.string()).describe('What the operator should know, as sentences.');

export const explanationKeys = {
  code: z.string().describe('For scripts.'),
  message: z.string().describe('What happened.'),
  advice: z.string().describe('What to do next.'),
};

/** The document if an error ends the subcommand before its own document. */
export function errorDocument(name: string) {
  return z
    .strictObject({ ...commandKeys(name), error: z.strictObject(explanationKeys) })
    .describe('An error that ended the command before it examined a secret, such as wrong arguments.');
}

export const error = z.strictObject(explanationKeys).nullable().describe('Null if the command reached its goal.');

export const plan = z.array(z.string()).describe('The steps of the plan, as sentences.');

/** The stored version whose password the cluster accepts. */
export const inForce = z
  .strictObject({
    versionId: z.string(),
    stage: z.enum(['pending', 'current', 'previous', 'stranded']).describe('stranded: no staging label of AWS.'),
  })
  .nullable()
  .describe('The version whose credential the cluster accepts. Null: none, or not known.');

export const unsearched = z
  .array(z.strictObject({ place: z.string().describe('As the options name it.'), ...explanationKeys }))
  .describe('Accounts and regions whose secrets AWS does not list.');

/** A secret of which it is not known whether a function of this product rotates it. */
export const skippedSecret = z.strictObject({ secretId: z.string(), ...explanationKeys });

export type UnsearchedPlace = z.infer<typeof unsearched>[number];
export type SkippedSecret = z.infer<typeof skippedSecret>;
