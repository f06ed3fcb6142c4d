import type { RotatingSecret } from '../../../cli/aws/aws.ts';
import type { PastRotation } from '../../../cli/history/json-schema.ts';
import { auditSecret } from '../../../cli/report/audit-secret.ts';
import type { AuditReport } from '../../../cli/report/json-schema.ts';

export const DAY_MS = 86_400_000;
export const NOW: number = Date.parse('2026-04-01T00:00:00Z');

/** What differs from a healthy secret that rotates every 30 days. */
export interface Situation {
  readonly secret?: Partial<RotatingSecret>;
  readonly ownerTags?: readonly string[];
  readonly rotations?: PastRotation[];
}

/** The report of the last 90 days about one secret. */
export function auditOf({ secret, ownerTags = ['owner', 'team'], rotations = [] }: Situation): AuditReport {
  return {
    command: 'report',
    exitCode: 0,
    version: '1.2.3',
    generatedAt: new Date(NOW),
    since: new Date(NOW - 90 * DAY_MS),
    until: new Date(NOW),
    ownerTags: [...ownerTags],
    secrets: [auditSecret({ ...HEALTHY, ...secret }, 'single-user', rotations, ownerTags, NOW)],
    unreadable: [],
    notes: [],
  };
}

/** A rotation that took no time. */
export function rotation(outcome: 'succeeded' | 'failed' | 'abandoned', daysAgo: number): PastRotation {
  const at = new Date(NOW - daysAgo * DAY_MS);
  return {
    kind: 'rotation',
    versionId: `v-${daysAgo}`,
    outcome,
    startedAt: at,
    endedAt: at,
    durationMs: 0,
    trigger: null,
    failures: [],
    createdKey: null,
    deletedKeys: [],
    sources: ['log'],
  };
}

const HEALTHY: RotatingSecret = {
  arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf',
  name: 'orders',
  rotationEnabled: true,
  lastRotatedAt: NOW - 10 * DAY_MS,
  versions: [{ versionId: 'v1', labels: ['AWSCURRENT'] }],
  tags: { team: 'search' },
  rotationFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:zilliz-rotation',
  schedule: 'rate(30 days)',
  window: undefined,
  kmsKeyId: undefined,
  nextRotationAt: NOW + 20 * DAY_MS,
  lastAccessedAt: NOW - DAY_MS,
  createdAt: NOW - 300 * DAY_MS,
  lastChangedAt: undefined,
  deletedAt: undefined,
};
