import type { RotatingSecret } from '../../../cli/aws/aws.ts';
import type { PastRotation } from '../../../cli/history/past-rotation.ts';
import { type AuditReport, createAudit } from '../../../cli/report/audit-report.ts';

export const DAY_MS = 86_400_000;
export const NOW: number = Date.parse('2026-04-01T00:00:00Z');

/** What differs from a healthy secret that rotates every 30 days. */
export interface Situation {
  readonly secret?: Partial<RotatingSecret>;
  readonly ownerTags?: readonly string[];
  readonly rotations?: readonly PastRotation[];
}

/** The report of the last 90 days about one secret. */
export function auditOf({ secret, ownerTags = ['owner', 'team'], rotations = [] }: Situation): AuditReport {
  return createAudit({
    version: '1.2.3',
    generatedAt: NOW,
    period: { since: NOW - 90 * DAY_MS, until: NOW },
    ownerTags,
    secrets: [{ ...HEALTHY, ...secret }],
    strategies: new Map([[HEALTHY.arn, 'single-user']]),
    past: { rotations: new Map([[HEALTHY.arn, rotations]]), notes: [], read: new Set(['log']) },
    unreadable: [],
  });
}

/** A rotation that took no time. */
export function rotation(outcome: 'succeeded' | 'failed' | 'abandoned', daysAgo: number): PastRotation {
  const at = NOW - daysAgo * DAY_MS;
  return {
    kind: 'rotation',
    versionId: `v-${daysAgo}`,
    startedAt: { value: at, source: 'log' },
    endedAt: { value: at, source: 'log' },
    outcome: { value: outcome, source: 'log' },
    failures: [],
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
