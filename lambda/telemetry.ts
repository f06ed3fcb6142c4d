import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { RotationRequest } from './event.ts';
import type { Progress } from './rotation/progress.ts';

/** One JSON line a piece of news, with the same keys throughout, so that one query follows a rotation from end to end. */
export function logProgress(logger: Logger, request: RotationRequest): (progress: Progress) => void {
  const keys = { step: request.step, secret_arn: request.secretId, version_id: request.token };
  return (progress) => {
    const fields = { rotation_event: progress.event, ...keys, ...fieldsOf(progress) };
    const line = `${request.step}: ${sentenceOf(progress)}`;
    switch (progress.event) {
      case 'step-failed':
        logger.error(line, fields);
        break;
      case 'plaintext-endpoint':
      case 'candidate-skipped':
      case 'version-given-up':
      case 'label-kept':
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

/** `StepSucceeded`, `StepFailed` (counts) and `StepDuration` (milliseconds), by step; failures also by code. */
export function measureProgress(metrics: Metrics, request: RotationRequest): (progress: Progress) => void {
  return (progress) => {
    if (progress.event !== 'step-finished' && progress.event !== 'step-failed') {
      return;
    }
    const ofStep = metrics.singleMetric();
    ofStep.addDimension('step', request.step);
    ofStep.addMetric(progress.event === 'step-finished' ? 'StepSucceeded' : 'StepFailed', MetricUnit.Count, 1);
    const duration = metrics.singleMetric();
    duration.addDimension('step', request.step);
    duration.addMetric('StepDuration', MetricUnit.Milliseconds, Math.round(progress.durationMs));
    if (progress.event === 'step-failed') {
      const ofCode = metrics.singleMetric();
      ofCode.addDimension('code', progress.error.code);
      ofCode.addMetric('FailureByCode', MetricUnit.Count, 1);
    }
  };
}

function fieldsOf(progress: Progress): Record<string, unknown> {
  switch (progress.event) {
    case 'step-started':
    case 'authorization-checked':
      return {};
    case 'plaintext-endpoint':
      return { endpoint: progress.endpoint };
    case 'candidate-skipped':
      return { candidate: progress.candidate.versionId, stage: progress.candidate.stage, why: progress.why };
    case 'candidate-tried':
      return { candidate: progress.candidate.versionId, stage: progress.candidate.stage, login: progress.login };
    case 'change-asked':
      return progress.from === 'admin'
        ? { from: 'admin' }
        : { from: progress.from.stage, candidate: progress.from.versionId };
    case 'change-answered':
      return { answer: progress.answer };
    case 'login-awaited':
      return { tries: progress.tries };
    case 'version-given-up':
    case 'label-retired':
      return { version: progress.versionId };
    case 'label-kept':
      return { version: progress.versionId, why: progress.why };
    case 'step-finished':
      return { outcome: progress.outcome, duration_ms: Math.round(progress.durationMs) };
    case 'step-failed':
      return {
        outcome: 'failed',
        duration_ms: Math.round(progress.durationMs),
        error_code: progress.error.code,
        error_message: progress.error.message,
        retryable: progress.error.retryable,
        in_force: progress.error.inForce,
        advice: progress.error.advice,
      };
  }
}

function sentenceOf(progress: Progress): string {
  switch (progress.event) {
    case 'step-started':
      return 'started';
    case 'plaintext-endpoint':
      return `passwords travel to ${progress.endpoint} in plain text, as the configuration allows`;
    case 'candidate-skipped':
      return `the ${progress.candidate.stage} version is not tried: ${progress.why}`;
    case 'candidate-tried':
      return `the cluster ${progress.login === 'accepted' ? 'accepts' : 'rejects'} the ${progress.candidate.stage} password`;
    case 'change-asked':
      return progress.from === 'admin'
        ? 'no stored password is in force, and the admin credential resets it'
        : `asks the cluster to change the password, logged in with the ${progress.from.stage} one`;
    case 'change-answered':
      return `the cluster's answer to the change: ${progress.answer.kind}`;
    case 'login-awaited':
      return 'the new password is not accepted yet, asking again';
    case 'authorization-checked':
      return 'the cluster rejects a password that was never set, so its authorization is on';
    case 'version-given-up':
      return 'the version is given up, because the cluster will never take its password';
    case 'label-retired':
      return 'an older version no longer needs its label';
    case 'label-kept':
      return 'an older version keeps its label until the next rotation';
    case 'step-finished':
      return progress.outcome;
    case 'step-failed':
      return `failed. ${progress.error.message}${/[.!?]$/.test(progress.error.message) ? '' : '.'} ${progress.error.advice}`;
  }
}
