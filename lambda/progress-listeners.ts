import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Progress } from '../protocol/rotation/progress.ts';
import type { RotationRequest } from '../protocol/rotation/rotation-request.ts';
import { LOG_FIELD, type LoggedEnd, ROLES_DIFFER, toLogFields } from '../telemetry/log-line.ts';
import { DIMENSION, METRIC } from '../telemetry/metrics.ts';

/**
 * Logs one JSON line per event. All lines have the same keys, so that one query finds all lines of
 * a rotation.
 */
export function logProgress(
  logger: Pick<Logger, 'info' | 'warn' | 'error'>,
  request: RotationRequest,
): (progress: Progress) => void {
  return (progress) => {
    const { level = 'info', sentence, details = {}, end } = lineOf(progress);
    logger[level](`${request.step}: ${sentence}`, toLogFields(progress.event, request, { end, details }));
  };
}

/** Publishes the metrics of telemetry/metrics.ts. */
export function measureProgress(metrics: Metrics, request: RotationRequest): (progress: Progress) => void {
  return (progress) => {
    if (progress.event === ROLES_DIFFER) {
      metrics.singleMetric().addMetric(METRIC.rolesDiffer, MetricUnit.Count, 1);
    }
    if (progress.event !== 'step-finished' && progress.event !== 'step-failed') {
      return;
    }
    const ofStep = metrics.singleMetric();
    ofStep.addDimension(DIMENSION.step, request.step);
    if (progress.event === 'step-failed') {
      // A second set of dimensions, with the service only, counts the failures of all steps.
      ofStep.addDimensions({});
    }
    ofStep.addMetric(
      progress.event === 'step-finished' ? METRIC.stepSucceeded : METRIC.stepFailed,
      MetricUnit.Count,
      1,
    );
    const duration = metrics.singleMetric();
    duration.addDimension(DIMENSION.step, request.step);
    duration.addMetric(METRIC.stepDuration, MetricUnit.Milliseconds, Math.round(progress.durationMs));
    if (progress.event === 'step-failed') {
      const ofCode = metrics.singleMetric();
      ofCode.addDimension(DIMENSION.code, progress.error.code);
      ofCode.addMetric(METRIC.failureByCode, MetricUnit.Count, 1);
    }
  };
}

interface Line {
  /** @default 'info' */
  readonly level?: 'warn' | 'error';
  readonly sentence: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly end?: LoggedEnd;
}

function lineOf(progress: Progress): Line {
  switch (progress.event) {
    case 'step-started':
      return { sentence: 'started' };
    case 'plaintext-endpoint': {
      const { endpoint } = progress;
      const sentence = `credentials travel to ${endpoint} in plain text, because the configuration allows it`;
      return { level: 'warn', sentence, details: { endpoint } };
    }
    case 'candidate-skipped': {
      const { candidate, why } = progress;
      const sentence = `the ${candidate.stage} version is not tried: ${why}`;
      return { ...levelOf(why), sentence, details: { candidate: candidate.versionId, stage: candidate.stage, why } };
    }
    case 'candidate-tried': {
      const { candidate, login } = progress;
      const sentence = `the cluster ${login === 'accepted' ? 'accepts' : 'rejects'} the ${candidate.stage} password`;
      return { sentence, details: { candidate: candidate.versionId, stage: candidate.stage, login } };
    }
    case 'current-rejected': {
      const { username: user } = progress;
      const sentence = `the cluster rejects the current password of ${user}, which applications may still use`;
      return { level: 'warn', sentence, details: { user } };
    }
    case 'placeholder': {
      const sentence =
        'the cluster rejects the first value of the secret, which is probably a placeholder. Store the credential with zilliz-rotation init';
      return { level: 'warn', sentence };
    }
    case ROLES_DIFFER: {
      const { username: user, missing, added } = progress;
      const sentence = `${user}, whose turn it is, has other roles than the current user: ${rolesIn(progress)}`;
      return { level: 'warn', sentence, details: { user, missing, added } };
    }
    case 'change-asked': {
      const { from } = progress;
      return from === 'admin'
        ? {
            level: 'warn',
            sentence: 'the cluster accepts no stored password, so the admin credential resets the password',
            details: { from },
          }
        : {
            sentence: `requests the change of the password, logged in with the ${from.stage} password`,
            details: { from: from.stage, candidate: from.versionId },
          };
    }
    case 'change-answered': {
      const { answer } = progress;
      return { sentence: `the cluster answered the change: ${answer.kind}`, details: { answer } };
    }
    case 'search-repeated':
      return {
        level: 'warn',
        sentence:
          'the cluster rejected every credential that was tried, so the function asks once more before it believes this',
        details: { wait_ms: progress.waitMs },
      };
    case 'login-awaited':
      return {
        sentence: 'the cluster does not accept the new credential yet, so the function asks again',
        details: { tries: progress.tries },
      };
    case 'authorization-checked':
      return { sentence: 'the cluster rejects a credential that nobody has, so authorization is on' };
    case 'version-given-up': {
      const sentence = 'the version was released, because the cluster will never accept its password';
      return { level: 'warn', sentence, details: { version: progress.versionId } };
    }
    case 'key-created': {
      const { keyId: key } = progress;
      return { sentence: `the API key ${key} was created`, details: { [LOG_FIELD.key]: key } };
    }
    case 'key-deleted': {
      const { keyId: key, why } = progress;
      return {
        sentence: `the API key ${key} was deleted: ${why}`,
        details: { [LOG_FIELD.key]: key, [LOG_FIELD.why]: why },
      };
    }
    case 'key-kept': {
      const { keyId: key } = progress;
      const sentence = `the API key ${key} is replaced and stays valid, because no rotation of this secret created it and the configuration does not name it. Delete it in the console if nobody uses it`;
      return { level: 'warn', sentence, details: { key } };
    }
    case 'label-retired':
      return { sentence: 'an older version no longer needs its label', details: { version: progress.versionId } };
    case 'label-kept': {
      const sentence = 'an older version keeps its label until the next rotation';
      return { ...levelOf(progress.why), sentence, details: { version: progress.versionId, why: progress.why } };
    }
    case 'rotated-sent':
      return { sentence: 'EventBridge took the event that the credential was rotated' };
    case 'labels-full': {
      const { versionId: version, why } = progress;
      const sentence = `the secret has no room for another label, so a version has no sent label: ${why}`;
      return { level: 'warn', sentence, details: { version, why } };
    }
    case 'step-finished': {
      const { outcome, durationMs } = progress;
      return { sentence: outcome, end: { outcome, durationMs } };
    }
    case 'step-failed': {
      const { code, message, retryable, accepted, advice } = progress.error;
      const failure = { code, message: message.slice(`${code}: `.length), retryable, accepted, advice };
      return {
        level: 'error',
        sentence: `failed. ${message}${/[.!?]$/.test(message) ? '' : '.'} ${advice}`,
        end: { outcome: 'failed', durationMs: progress.durationMs, failure },
      };
    }
  }
}

/** The other of two users is valid, and a secret that moved keeps versions of its former user. */
function levelOf(why: string): Pick<Line, 'level'> {
  return why === 'other host or user' ? {} : { level: 'warn' };
}

function rolesIn({ missing, added }: { missing: readonly string[]; added: readonly string[] }): string {
  return [...missing.map((role) => `without ${role}`), ...added.map((role) => `also ${role}`)].join(', ');
}
