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
    'Null for an API key, and if nobody pinned the name and the cluster has not accepted it, because it may be a part of a password.',
  );

const apiKeyId = z.string().nullable().describe('Null for a user, and if the text may be no id but a key.');

const strategy = z.strictObject({
  name: z.enum(STRATEGY_NAMES),
  source: z
    .enum(['function', 'assumed'])
    .describe('function: the configuration of the rotation function (its pins). assumed: it could not be read.'),
  users: z.array(z.string()).describe('The users that the secret may name. Empty: any user.'),
  other: z
    .strictObject({
      username: z.string(),
      inForce: z.boolean().nullable().describe('Whether the cluster accepts a stored password of the user.'),
      versionId,
      nextRotationPossibleFrom: time.describe('When the minimum gap ends.'),
    })
    .nullable()
    .describe('The user whose password the next rotation changes. Null for a single user.'),
});

const key = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    createdAt: time.describe('Null if the control plane tells no date.'),
    orgRole: z.string(),
    projects: z.array(
      z.strictObject({
        projectId: z.string(),
        role: z.string(),
        allCluster: z.boolean(),
        clusterIds: z.array(z.string()),
        allVolume: z.boolean(),
        volumeIds: z.array(z.string()),
      }),
    ),
  })
  .nullable()
  .describe('The key in AWSCURRENT. Null if the control plane does not know it.');

const keys = z
  .strictObject({
    current: key,
    previous: z.strictObject({ id: z.string(), exists: z.boolean() }).nullable().describe('The key in AWSPREVIOUS.'),
    orphans: z.array(z.string()).describe('Ids of keys that a rotation of this secret created, and no version names.'),
    count: z.number().describe('The API keys of the organization.'),
    quota: z.number(),
  })
  .nullable()
  .describe('What the control plane says. Null without --manager, and if the secret holds no API key.');

const version = z.strictObject({
  versionId: z.string(),
  labels: z.array(z.string()),
  createdAt: time,
  login: z.enum(['accepted', 'rejected', 'skipped', 'not tried']),
  why: z.string().nullable().describe('Why the credential was not sent. Set if the login is skipped.'),
  apiKeyId,
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
    .strictObject({ endpoint: z.string(), username: userName, apiKeyId })
    .nullable()
    .describe('Null if AWSCURRENT is no usable credential.'),
  inForce,
  strategy,
  keys,
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

export const documentSchema = z.strictObject({
  ...commandKeys('status'),
  secrets: z.array(z.union([examined, unreadable])),
  skipped: z
    .array(skippedSecret)
    .describe('Secrets of which it is not known whether a function of this product rotates them.'),
  unsearched,
});

export type StatusDocument = z.infer<typeof documentSchema>;
export type ExaminedStatus = z.infer<typeof examined>;
