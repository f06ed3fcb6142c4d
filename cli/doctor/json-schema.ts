import * as z from 'zod';
import { commandKeys, secretId } from '../json-schema-parts.ts';

const count = z.int().nonnegative();

const check = z.strictObject({
  check: z.string().describe('The name of the check, such as tls, or the code of a finding of status.'),
  status: z.enum(['pass', 'warning', 'fail', 'unknown']),
  reason: z.string(),
  fix: z.string().nullable().describe('A command or an action that helps. Null if nothing is to be done.'),
});

export const documentSchema = z.strictObject({
  ...commandKeys('doctor'),
  secret: secretId,
  counts: z.strictObject({ fail: count, warning: count, unknown: count, pass: count }),
  checks: z.array(check),
});

export type DoctorDocument = z.infer<typeof documentSchema>;
/** `unknown`: the check could not be made, so nothing is known. */
export type CheckResult = z.infer<typeof check>;
