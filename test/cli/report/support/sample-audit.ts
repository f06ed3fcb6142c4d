import type { RotatingSecret } from '../../../../cli/aws/aws.ts';
import { type PastRotation, withSource } from '../../../../cli/past/past-rotation.ts';
import type { AuditReport } from '../../../../cli/report/audit/audit-report.ts';
import { createAudit } from '../../../../cli/report/audit/create-audit.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-04-01T06:00:00Z');
const PERIOD = { since: Date.parse('2026-01-01T00:00:00Z'), until: Date.parse('2026-03-31T23:59:59Z') };
const TEAMS = ['search', 'recommendations', 'fraud', 'support-bot', 'catalogue', 'data-platform'];
const STAGES = ['prod', 'prod', 'prod', 'staging', 'test'];
const PURPOSES = ['ingest', 'query', 'backfill', 'evaluation', 'admin-ui', 'nightly'];
const REGIONS = ['eu-central-1', 'us-west-2', 'ap-southeast-1'];
const PEOPLE = ['dana', 'imran', 'yuki'];

/** A generator of the same numbers each time, from 0 to below 1. */
function numbers(): () => number {
  let state = 20_260_401;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** The report of an invented fleet: most secrets are in order, and every exception occurs. */
export function sampleAudit(count: number): AuditReport {
  const next = numbers();
  const rotations = new Map<string, readonly PastRotation[]>();
  const secrets = Array.from({ length: count }, (_, index) => {
    const secret = sampleSecret(index, next());
    rotations.set(secret.arn, rotationsOf(secret, index, next));
    return secret;
  });
  return createAudit({
    version: '1.2.3',
    generatedAt: NOW,
    period: PERIOD,
    parameters: {
      ownerTags: ['owner', 'team'],
      maxRotationFrequency: 45,
      unusedForDays: 90,
      maxDaysSinceRotation: 90,
      requiredTags: ['stage'],
    },
    secrets,
    past: {
      rotations,
      read: new Set(['log', 'versions', 'cloudtrail']),
      notes: [
        {
          source: 'cloudtrail',
          message: 'CloudTrail keeps 90 days of events. Who started an older rotation is not known.',
        },
      ],
    },
    unreadable: [
      {
        secretId: 'prod/legacy/query',
        reason:
          'AWS denies DescribeSecret to this identity: User: arn:aws:iam::123456789012:role/audit is not authorized to perform: secretsmanager:DescribeSecret',
      },
    ],
  });
}

/** How the rotations of a secret went. */
function fateOf(index: number): 'well' | 'off' | 'new' | 'overdue' | 'failed' | 'retried' {
  const fates = { 61: 'off', 73: 'overdue', 79: 'failed', 53: 'new', 67: 'retried' } as const;
  return Object.entries(fates).find(([step]) => index % Number(step) === Number(step) - 1)?.[1] ?? 'well';
}

function daysBetween(index: number): number {
  return index % 5 === 3 ? 14 : 30;
}

function sampleSecret(index: number, random: number): RotatingSecret {
  const team = TEAMS[index % TEAMS.length] ?? '';
  const stage = STAGES[index % STAGES.length] ?? '';
  const purpose = PURPOSES[Math.floor(index / TEAMS.length) % PURPOSES.length] ?? '';
  const region = REGIONS[Math.floor(index / 7) % REGIONS.length] ?? '';
  const serial = Math.floor(index / (TEAMS.length * PURPOSES.length));
  const name = `${stage}/${team}/${purpose}${serial === 0 ? '' : `-${serial + 1}`}`;
  const fate = fateOf(index);
  const days = daysBetween(index);
  const age = fate === 'overdue' ? (days + 5 + random * 60) * DAY_MS : random * (days - 1) * DAY_MS;
  const rotatedAt = NOW - age;
  const isOff = fate === 'off';
  const hasRotated = !isOff && fate !== 'new';
  return {
    arn: `arn:aws:secretsmanager:${region}:123456789012:secret:${name}-Ab${index}`,
    name,
    rotationEnabled: !isOff,
    lastRotatedAt: hasRotated ? rotatedAt : undefined,
    versions: [{ versionId: versionId(index, 0), labels: ['AWSCURRENT'] }],
    tags: {
      stage,
      ...(index % 47 === 5 ? {} : { team }),
      ...(index % 3 === 0 ? { owner: `${team}-oncall` } : {}),
    },
    rotationFunctionArn: `arn:aws:lambda:${region}:123456789012:function:zilliz-rotation`,
    schedule: days === 30 ? 'rate(30 days)' : 'cron(0 3 1,15 * ? *)',
    window: '3h',
    kmsKeyId: undefined,
    nextRotationAt: isOff ? undefined : (hasRotated ? rotatedAt : NOW - 3 * DAY_MS) + days * DAY_MS,
    lastAccessedAt: NOW - random * 2 * DAY_MS,
    createdAt: fate === 'new' ? NOW - 3 * DAY_MS : NOW - (150 + random * 200) * DAY_MS,
    lastChangedAt: rotatedAt,
    deletedAt: undefined,
  };
}

function rotationsOf({ lastRotatedAt }: RotatingSecret, index: number, next: () => number): readonly PastRotation[] {
  if (lastRotatedAt === undefined) {
    return [];
  }
  const fate = fateOf(index);
  const step = daysBetween(index) * DAY_MS;
  const found: PastRotation[] = [];
  for (let at = lastRotatedAt, turn = 0; at > PERIOD.since; at -= step, turn += 1) {
    const retried = fate === 'retried' && turn === 0;
    if (at > PERIOD.until) {
      continue;
    }
    found.push(succeeded({ at, id: versionId(index, turn), random: next(), retried }));
  }
  return [...found.reverse(), ...(fate === 'failed' ? [failed(versionId(index, 99))] : [])];
}

function succeeded({
  at,
  id,
  random,
  retried,
}: {
  at: number;
  id: string;
  random: number;
  retried: boolean;
}): PastRotation {
  const person = PEOPLE[Math.floor(random * 100) % PEOPLE.length] ?? '';
  const principal = `arn:aws:sts::123456789012:assumed-role/operations/${person}`;
  const duration = 2400 + random * 2000 + (retried ? 3_600_000 : 0);
  return {
    kind: 'rotation',
    versionId: id,
    startedAt: withSource('log', at - duration),
    endedAt: withSource('log', at),
    trigger: withSource('cloudtrail', random < 0.05 ? principal : 'schedule'),
    outcome: withSource('log', 'succeeded'),
    failures: retried ? [unreachable(at - duration + 900)] : [],
  };
}

function failed(id: string): PastRotation {
  const at = NOW - 2 * DAY_MS;
  return {
    kind: 'rotation',
    versionId: id,
    startedAt: withSource('log', at),
    endedAt: withSource('log', at + 5200),
    trigger: withSource('cloudtrail', 'schedule'),
    outcome: withSource('log', 'failed'),
    failures: [unreachable(at + 5200)],
  };
}

function unreachable(at: number): PastRotation['failures'][number] {
  const message = 'https://in01-4f2c.aws-us-west-2.vectordb.zillizcloud.com:19530 is unreachable: gRPC 14';
  return { at, step: 'setSecret', code: 'CLUSTER_UNREACHABLE', message };
}

function versionId(index: number, turn: number): string {
  return `${String(index).padStart(8, '0')}-5e2a-4c10-9d51-${String(turn).padStart(12, '0')}`;
}
