import type { Aws } from '../../../cli/aws.ts';
import { AwsError, type AwsErrorKind } from '../../../cli/aws-error.ts';
import type { FunctionLogLine, StepFailure } from '../../../cli/function-log.ts';
import type { RotationStart } from '../../../cli/rotation-service.ts';
import type { SecretStore } from '../../../secret/store.ts';
import type { FakeClock } from './fake-clock.ts';

interface FakeVersion {
  value: string | undefined;
  readonly labels: Set<string>;
  readonly createdAt: number;
}

/** One secret as Secrets Manager keeps it, with the rotation function that a test writes. */
export interface FakeSecret {
  readonly name: string;
  readonly arn: string;
  readonly versions: Map<string, FakeVersion>;
  tags: Record<string, string>;
  rotationEnabled: boolean;
  rotationFunctionArn: string | undefined;
  schedule: string | undefined;
  lastRotatedAt: number | undefined;
  nextRotationAt: number | undefined;
  deletedAt: number | undefined;
  /** What runs after RotateSecret, or the refusal to start. */
  rotate: ((rotation: FakeRotation) => void) | RotationStart;
  /** Set: the function's log cannot be read. */
  logError: AwsErrorKind | undefined;
  readonly lines: { versionId: string; line: FunctionLogLine }[];
}

/** A running rotation, in the hands of a test. Times are milliseconds after RotateSecret. */
export interface FakeRotation {
  readonly token: string;
  at(milliseconds: number, action: () => void): void;
  put(value: string): void;
  label(label: string): void;
  unlabel(label: string): void;
  log(event: string, step: string, more?: { durationMs?: number; failure?: StepFailure }): void;
}

export interface FakeAws extends Aws {
  readonly secrets: Map<string, FakeSecret>;
  /** Every action with its secret, in order. */
  readonly calls: string[];
  /** Makes an action fail until the entry is deleted. */
  readonly failing: Map<string, AwsErrorKind>;
  add(name: string, value: string, more?: Partial<FakeSecret>): FakeSecret;
}

export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:zilliz-rotation';

export function createFakeAws(clock: FakeClock): FakeAws {
  const secrets = new Map<string, FakeSecret>();
  const calls: string[] = [];
  const failing = new Map<string, AwsErrorKind>();

  const called = (action: string, secretId: string): FakeSecret => {
    calls.push(`${action} ${secretId}`);
    const kind = failing.get(action);
    if (kind !== undefined) {
      throw new AwsError(kind, action, `${action}: ${kind}.`, `Advice on ${kind}.`);
    }
    const secret = [...secrets.values()].find(({ name, arn }) => name === secretId || arn === secretId);
    if (secret === undefined) {
      throw new AwsError('not-found', action, `${action} found nothing under that name.`, 'Check the name.');
    }
    return secret;
  };

  return {
    secrets,
    calls,
    failing,
    add: (name, value, more = {}) => {
      const secret: FakeSecret = {
        name,
        arn: `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`,
        versions: new Map([[`${name}-v1`, { value, labels: new Set(['AWSCURRENT']), createdAt: clock.now() - 1000 }]]),
        tags: {},
        rotationEnabled: true,
        rotationFunctionArn: FUNCTION_ARN,
        schedule: 'rate(30 days)',
        lastRotatedAt: undefined,
        nextRotationAt: clock.now() + 86_400_000,
        deletedAt: undefined,
        rotate: { kind: 'refused', reason: 'other', answer: 'the test wrote no rotation' },
        logError: undefined,
        lines: [],
        ...more,
      };
      secrets.set(name, secret);
      return secret;
    },

    rotation: {
      describe: async (secretId) => {
        const secret = called('DescribeSecret', secretId);
        return {
          ...secret,
          versions: [...secret.versions]
            .map(([versionId, { labels }]) => ({ versionId, labels: [...labels] }))
            .filter(({ labels }) => labels.length > 0),
        };
      },
      rotate: async (secretId, token) => {
        const secret = called('RotateSecret', secretId);
        if (typeof secret.rotate !== 'function') {
          return secret.rotate;
        }
        secret.versions.set(token, { value: undefined, labels: new Set(['AWSPENDING']), createdAt: clock.now() });
        secret.rotate(createFakeRotation(secret, token, clock));
        return { kind: 'started' };
      },
    },

    store: (secretId) => createFakeStore(() => called('store', secretId), clock),

    functionLog: () => ({
      lines: async (versionId) => {
        calls.push('FilterLogEvents');
        const secret = [...secrets.values()].find(({ versions }) => versions.has(versionId));
        if (secret?.logError !== undefined) {
          throw new AwsError(secret.logError, 'FilterLogEvents', 'AWS denies FilterLogEvents.', 'Ask for it.');
        }
        return (secret?.lines ?? []).filter((entry) => entry.versionId === versionId).map(({ line }) => line);
      },
    }),
  };
}

/** Puts a label on a version and takes it off the one that held it; AWSPREVIOUS follows AWSCURRENT. */
export function moveLabel(secret: FakeSecret, label: string, to: string): void {
  for (const [versionId, version] of secret.versions) {
    if (version.labels.delete(label) && label === 'AWSCURRENT' && versionId !== to) {
      moveLabel(secret, 'AWSPREVIOUS', versionId);
    }
  }
  secret.versions.get(to)?.labels.add(label);
}

function createFakeRotation(secret: FakeSecret, token: string, clock: FakeClock): FakeRotation {
  return {
    token,
    at: (milliseconds, action) => clock.after(milliseconds, action),
    put: (value) => {
      const version = secret.versions.get(token);
      if (version !== undefined) {
        version.value = value;
      }
    },
    label: (label) => moveLabel(secret, label, token),
    unlabel: (label) => secret.versions.get(token)?.labels.delete(label),
    log: (event, step, { durationMs, failure } = {}) => {
      const id = String(secret.lines.length);
      const line = { id, at: clock.now(), event, step, message: `${step} ${event}`, durationMs, failure };
      secret.lines.push({ versionId: token, line });
    },
  };
}

function createFakeStore(secretOf: () => FakeSecret, clock: FakeClock): SecretStore {
  return {
    describe: async () => {
      const secret = secretOf();
      return {
        ...secret,
        versions: [...secret.versions]
          .map(([versionId, { labels }]) => ({ versionId, labels: [...labels] }))
          .filter(({ labels }) => labels.length > 0),
      };
    },
    read: async (versionId) => secretOf().versions.get(versionId)?.value,
    list: async () =>
      [...secretOf().versions]
        .filter(([, { value }]) => value !== undefined)
        .map(([versionId, { labels, createdAt }]) => ({ versionId, labels: [...labels], createdAt })),
    put: async ({ versionId, value, labels }) => {
      const secret = secretOf();
      const stored = secret.versions.get(versionId);
      if (stored?.value !== undefined && stored.value !== value) {
        return 'conflict';
      }
      secret.versions.set(versionId, { value, labels: stored?.labels ?? new Set(), createdAt: clock.now() });
      for (const label of labels) {
        moveLabel(secret, label, versionId);
      }
      return 'stored';
    },
    promote: async ({ to, from }) => {
      const secret = secretOf();
      if (!secret.versions.get(from)?.labels.has('AWSCURRENT')) {
        return 'moved';
      }
      moveLabel(secret, 'AWSCURRENT', to);
      return 'done';
    },
    addLabel: async ({ label, to }) => moveLabel(secretOf(), label, to),
    removeLabel: async ({ label, from }) => (secretOf().versions.get(from)?.labels.delete(label) ? 'done' : 'moved'),
  };
}
