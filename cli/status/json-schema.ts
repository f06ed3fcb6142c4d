import * as z from 'zod';
import { STRATEGY_NAMES } from '../../protocol/secret/rotated-secrets.ts';
import {
  arn,
  commandKeys,
  explanationKeys,
  inForce,
  notes,
  secretId,
  skippedSecret,
  time,
  unsearched,
  versionId,
} from '../json-schema-parts.ts';

const userName = z
  .string()
  .nullable()
  .describe(
    'Null if nobody pinned the name and the cluster has not accepted it, because it may be a part of a password.',
  );

const roles = z.array(z.string()).nullable().describe('Null if not known.');

const strategy = z.strictObject({
  name: z.enum(STRATEGY_NAMES),
  source: z
    .enum(['function', 'option', 'assumed'])
    .describe('function: the configuration of the rotation function (its pins). option: --users. assumed: neither.'),
  users: z.array(z.string()).describe('The users that the secret may name. Empty: any user.'),
  current: z
    .strictObject({ username: z.string(), since: time, roles })
    .nullable()
    .describe('The user in AWSCURRENT. Null for a single user.'),
  other: z
    .strictObject({
      username: z.string(),
      inForce: z.boolean().nullable().describe('Whether the cluster accepts a stored password of the user.'),
      versionId,
      roles,
    })
    .nullable()
    .describe('The user whose password the next rotation changes. Null for a single user.'),
  rolesEqual: z.boolean().nullable(),
  nextRotationPossibleFrom: time.describe('When the minimum gap ends.'),
});

const version = z.strictObject({
  versionId: z.string(),
  labels: z.array(z.string()),
  createdAt: time,
  login: z.enum(['accepted', 'rejected', 'skipped', 'not tried']),
  why: z.string().nullable().describe('Why the password was not sent. Set if the login is skipped.'),
});

const finding = z.strictObject({
  severity: z.enum(['problem', 'undecided', 'notice']),
  ...explanationKeys,
});

const examined = z.strictObject({
  secret: secretId,
  arn: z.string(),
  error: z.null(),
  cluster: z
    .strictObject({ endpoint: z.string(), username: userName })
    .nullable()
    .describe('Null if AWSCURRENT is no usable credential.'),
  inForce,
  strategy,
  rotation: z.strictObject({
    enabled: z.boolean(),
    functionArn: z.string().nullable(),
    schedule: z.string().nullable(),
    lastRotatedAt: time,
    nextRotationAt: time,
    overdue: z.boolean(),
  }),
  versions: z.array(version),
  findings: z.array(finding).describe('The most serious first.'),
  notes,
});

const unreadable = z
  .strictObject({
    secret: secretId,
    arn,
    error: z.strictObject(explanationKeys),
    findings: z.array(finding).describe('What the description of the secret shows. Empty if it was not read.'),
  })
  .describe('A secret that could not be read.');

export const documentSchema: z.ZodType = z.strictObject({
  ...commandKeys('status'),
  secrets: z.array(z.union([examined, unreadable])),
  skipped: z
    .array(skippedSecret)
    .describe('Named secrets that do not meet a condition, and secrets that may meet the conditions.'),
  unsearched,
});
