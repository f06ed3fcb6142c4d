import * as z from 'zod';
import { commandKeys, explanationKeys } from '../json-schema-parts.ts';

const row = z.strictObject({
  id: z.string().describe('As in docs/assumptions.md.'),
  assumed: z.string(),
  seen: z.string().describe('Codes, numbers and times, or why the check did not run, and the option that it needs.'),
  verdict: z
    .enum(['holds', 'differs', 'undecided', 'not checked'])
    .describe('undecided: asked for, and prevented. Not checked: not asked for, or there is no check.'),
  code: z.array(z.string()).describe('If it differs: the files that rely on it.'),
  page: z.string(),
});

export const documentSchema = z.strictObject({
  ...commandKeys('verify'),
  version: z.string().describe('Of the command.'),
  checks: z.array(row).describe('Every assumption of the register.'),
  error: z.strictObject(explanationKeys).nullable().describe('Why something temporary is left. Null if nothing is.'),
});

export type VerifyDocument = z.infer<typeof documentSchema>;
/** One assumption of the register, and what this account and cluster showed. */
export type Row = z.infer<typeof row>;
