import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type LoggedEnd, ROLES_DIFFER, toLogFields } from '../telemetry/log-line.ts';
import { DIMENSION, METRIC } from '../telemetry/metrics.ts';
import type { RotationRequest } from './rotation/attempt.ts';
import type { Progress } from './rotation/progress.ts';

/**
 * Logs one JSON line per event. All lines have the same keys, so that one query finds all lines of
 * a rotation.
 */
export function logProgress(logger: Logger, request: RotationRequest): (progress: Progress) => void {
  const step = { step: request.step, secretArn: request.secretId, versionId: request.token };
  return (progress) => {
    const fields = toLogFields(progress.event, step, { end: endOf(progress), details: detailsOf(progress) });
    const line = `${request.step}: ${sentenceOf(progress)}`;
    switch (progress.event) {
      case 'step-failed':
        logger.error(line, fields);
        break;
      case 'plaintext-endpoint':
      case 'candidate-skipped':
      case 'current-rejected':
      case ROLES_DIFFER:
      case 'search-repeated':
      case 'version-given-up':
      case 'label-kept':
      case 'labels-full':
        logger.warn(line, fields);
        break;
      case 'change-asked':
        logger[progress.from === 'admin' ? 'warn' : 'info'](line, fields);
        break;
      default:
        logger.info(line, fields);
    }
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

function endOf(progress: Progress): LoggedEnd | undefined {
  switch (progress.event) {
    case 'step-finished':
      return { outcome: progress.outcome, durationMs: progress.durationMs };
    case 'step-failed': {
      const { code, message, retryable, inForce, advice } = progress.error;
      const failure = { code, message: message.slice(`${code}: `.length), retryable, inForce, advice };
      return { outcome: 'failed', durationMs: progress.durationMs, failure };
    }
    default:
      return undefined;
  }
}

function detailsOf(progress: Progress): Record<string, unknown> {
  switch (progress.event) {
    case 'step-started':
    case 'step-finished':
    case 'step-failed':
    case 'authorization-checked':
      return {};
    case 'plaintext-endpoint':
      return { endpoint: progress.endpoint };
    case 'candidate-skipped':
      return { candidate: progress.candidate.versionId, stage: progress.candidate.stage, why: progress.why };
    case 'candidate-tried':
      return { candidate: progress.candidate.versionId, stage: progress.candidate.stage, login: progress.login };
    case 'current-rejected':
      return { user: progress.username };
    case ROLES_DIFFER:
      return { user: progress.username, missing: progress.missing, added: progress.added };
    case 'change-asked':
      return progress.from === 'admin'
        ? { from: 'admin' }
        : { from: progress.from.stage, candidate: progress.from.versionId };
    case 'change-answered':
      return { answer: progress.answer };
    case 'search-repeated':
      return { wait_ms: progress.waitMs };
    case 'login-awaited':
      return { tries: progress.tries };
    case 'version-given-up':
    case 'label-retired':
      return { version: progress.versionId };
    case 'label-kept':
    case 'labels-full':
      return { version: progress.versionId, why: progress.why };
  }
}

function sentenceOf(progress: Progress): string {
  switch (progress.event) {
    case 'step-started':
      return 'started';
    case 'plaintext-endpoint':
      return `passwords travel to ${progress.endpoint} in plain text, because the configuration allows it`;
    case 'candidate-skipped':
      return `the ${progress.candidate.stage} version is not tried: ${progress.why}`;
    case 'candidate-tried':
      return `the cluster ${progress.login === 'accepted' ? 'accepts' : 'rejects'} the ${progress.candidate.stage} password`;
    case 'change-asked':
      return progress.from === 'admin'
        ? 'no stored password is in force, so the admin credential resets the password'
        : `requests the change of the password, logged in with the ${progress.from.stage} password`;
    case 'change-answered':
      return `the cluster answered the change: ${progress.answer.kind}`;
    case 'search-repeated':
      return 'the cluster rejected every password that was tried, so the function asks once more before it believes this';
    case 'login-awaited':
      return 'the cluster does not accept the new password yet, so the function asks again';
    case 'authorization-checked':
      return 'the cluster rejects a password that was never set, so authorization is on';
    case 'current-rejected':
      return `the cluster rejects the current password of ${progress.username}, which applications may still use`;
    case ROLES_DIFFER:
      return `${progress.username}, whose turn it is, has other roles than the current user: ${rolesIn(progress)}`;
    case 'version-given-up':
      return 'the version was released, because the cluster will never accept its password';
    case 'label-retired':
      return 'an older version no longer needs its label';
    case 'labels-full':
      return `the secret has no room for another label, so a version has no sent label: ${progress.why}`;
    case 'label-kept':
      return 'an older version keeps its label until the next rotation';
    case 'step-finished':
      return progress.outcome;
    case 'step-failed':
      return `failed. ${progress.error.message}${/[.!?]$/.test(progress.error.message) ? '' : '.'} ${progress.error.advice}`;
  }
}

function rolesIn({ missing, added }: { missing: readonly string[]; added: readonly string[] }): string {
  return [...missing.map((role) => `without ${role}`), ...added.map((role) => `also ${role}`)].join(', ');
}
